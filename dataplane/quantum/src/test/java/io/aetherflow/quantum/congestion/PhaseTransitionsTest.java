package io.aetherflow.quantum.congestion;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Compares every state and event with the approved table; "-" stands for a refused event. */
class PhaseTransitionsTest {
  private static final String APPROVED = "phase-transitions.txt";

  @Test
  void theMachineIsTheApprovedOne() throws IOException {
    assertThat(table()).isEqualTo(approved());
  }

  private static String table() {
    Phases phases = new Phases();
    List<Phase> all =
        List.of(
            phases.startup,
            phases.drain,
            phases.down,
            phases.cruise,
            phases.refill,
            phases.up,
            phases.probeRtt);
    StringBuilder table = new StringBuilder(String.format("%-16s", ""));
    all.forEach(phase -> table.append(String.format(" %-11s", phase.label())));
    table.append('\n');
    for (Map.Entry<String, UnaryOperator<Phase>> event : events().entrySet()) {
      table.append(String.format("%-16s", event.getKey()));
      all.forEach(phase -> table.append(String.format(" %-11s", next(phase, event.getValue()))));
      table.append('\n');
    }
    return table.toString().replaceAll(" +\n", "\n");
  }

  private static Map<String, UnaryOperator<Phase>> events() {
    Map<String, UnaryOperator<Phase>> events = new LinkedHashMap<>();
    events.put("pipeFull", Phase::onPipeFull);
    events.put("drained", Phase::onDrained);
    events.put("headroom", Phase::onHeadroom);
    events.put("probeDue", Phase::onProbeDue);
    events.put("refilled", Phase::onRefilled);
    events.put("probeEnd", Phase::onProbeEnd);
    events.put("lossTooHigh", Phase::onLossTooHigh);
    events.put("rttProbeDue", Phase::onRttProbeDue);
    events.put("rttProbed", Phase::onRttProbed);
    events.put("rttProbedEarly", Phase::onRttProbedEarly);
    return events;
  }

  private static String next(Phase phase, UnaryOperator<Phase> event) {
    try {
      return event.apply(phase).label();
    } catch (IllegalStateException refused) {
      return "-";
    }
  }

  private static String approved() throws IOException {
    try (InputStream in = PhaseTransitionsTest.class.getResourceAsStream(APPROVED)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
