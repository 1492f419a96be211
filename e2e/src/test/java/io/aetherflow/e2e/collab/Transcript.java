package io.aetherflow.e2e.collab;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What one client was told: operations in order and acknowledgements. Anything that contradicts the
 * promise (a hole, a changed operation, a second place for an acknowledged one) is kept as a
 * violation. Not thread-safe: {@link Editor} guards it.
 */
final class Transcript {
  private final List<Op> ops = new ArrayList<>();
  private final Map<String, Long> acked = new HashMap<>();
  private final Map<String, Timing> timings = new HashMap<>();
  private final List<String> violations = new ArrayList<>();

  long lastSeq() {
    return ops.size();
  }

  List<Op> ops() {
    return List.copyOf(ops);
  }

  Map<String, Long> acked() {
    return Map.copyOf(acked);
  }

  List<String> violations() {
    return List.copyOf(violations);
  }

  void violation(String sentence) {
    violations.add(sentence);
  }

  void onOps(JsonNode message) {
    for (JsonNode each : message.path("ops")) {
      Op op =
          new Op(
              each.path("seq").asLong(),
              each.path("client_id").asText(),
              each.path("client_seq").asLong(),
              each.path("data").asText());
      if (op.seq() == lastSeq() + 1) {
        ops.add(op);
      } else if (op.seq() > lastSeq()) {
        violations.add("after seq " + lastSeq() + " came " + op);
      } else if (op.seq() < 1 || !ops.get((int) op.seq() - 1).equals(op)) {
        violations.add("seq " + op.seq() + " came again as another operation: " + op);
      }
    }
  }

  void onWrite(String data, long nowNs) {
    timings.put(data, new Timing(nowNs, 0));
  }

  Map<String, Timing> timings() {
    return Map.copyOf(timings);
  }

  void onAck(String data, long seq, long nowNs) {
    timings.computeIfPresent(data, (key, timing) -> timing.acked(nowNs));
    Long before = acked.put(data, seq);
    if (before != null && before != seq) {
      violations.add(data + " was acknowledged at " + before + " and again at " + seq);
    }
  }
}
