package io.aetherflow.e2e.kube;

import java.util.Map;

/** One condition of the resource's status. */
public record Condition(
    String type, String status, String reason, String message, long observedGeneration) {

  static Condition of(Map<?, ?> fields) {
    return new Condition(
        String.valueOf(fields.get("type")),
        String.valueOf(fields.get("status")),
        String.valueOf(fields.get("reason")),
        String.valueOf(fields.get("message")),
        fields.get("observedGeneration") instanceof Number number ? number.longValue() : 0);
  }

  static Condition missing(String type) {
    return new Condition(type, "Unknown", "Missing", "the status has no such condition", 0);
  }

  public boolean isTrue() {
    return status.equals("True");
  }

  public boolean isTrueAt(long generation) {
    return isTrue() && observedGeneration == generation;
  }
}
