package io.aetherflow.bench.tuning;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.util.List;
import java.util.Map;

/**
 * What a cluster's status says about its tuning.
 *
 * @param status {@code True}, {@code False} or {@code Unknown}; {@code Unknown} too when the
 *     condition is missing
 * @param generation the generation the condition speaks of
 */
record TuningState(String status, long generation, String message, int appliedPods) {
  static TuningState of(GenericKubernetesResource cluster) {
    int pods = intOf(cluster.get("status", "tuning", "appliedPods"));
    if (cluster.get("status", "conditions") instanceof List<?> conditions) {
      for (Object each : conditions) {
        if (each instanceof Map<?, ?> condition && "TuningApplied".equals(condition.get("type"))) {
          return new TuningState(
              String.valueOf(condition.get("status")),
              intOf(condition.get("observedGeneration")),
              String.valueOf(condition.get("message")),
              pods);
        }
      }
    }
    return new TuningState("Unknown", 0, "no TuningApplied condition", pods);
  }

  boolean appliedAt(long wanted) {
    return status.equals("True") && generation == wanted;
  }

  private static int intOf(Object value) {
    return value instanceof Number number ? number.intValue() : 0;
  }
}
