package io.aetherflow.e2e.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.e2e.collab.Timing;
import io.aetherflow.e2e.faults.Fault.Blow;
import io.aetherflow.e2e.faults.Fault.Target;
import io.aetherflow.e2e.faults.FaultInjector.Hit;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AvailabilityTest {
  private static final long S = 1_000_000_000L;

  private final Availability availability =
      new Availability(
          Map.of(
              "a",
              List.of(
                  new Timing(1 * S, 1 * S + 5),
                  new Timing(3 * S, 6 * S),
                  new Timing(4 * S, 5 * S + 1)),
              "b",
              List.of(new Timing(2 * S, 2 * S + 10), new Timing(7 * S, 0))));

  @Test
  void aFailoverEndsWithTheFirstAnswerToWhatWasWrittenAfterTheFault() {
    Hit owner = new Hit(new Fault(Target.OWNER, new Blow.Kill()), "p", 2 * S, Set.of(1), false);
    assertThat(availability.failoversNs(List.of(owner), Map.of("a", 1, "b", 2), false))
        .as("only the documents of the owner")
        .containsExactly(3 * S + 1);
  }

  @Test
  void aFaultOfEtcdsLeaderConcernsAllDocuments() {
    Hit leader = new Hit(new Fault(Target.ETCD, new Blow.Kill()), "e", 2 * S, Set.of(), true);
    assertThat(availability.failoversNs(List.of(leader), Map.of("a", 1, "b", 2), true))
        .containsExactly(10, 3 * S + 1);
  }

  @Test
  void whatIsNeverAnsweredIsNotPrompt() {
    assertThat(availability.promptShare()).isEqualTo(2.0 / 5);
    assertThat(availability.latency(1)).isEqualTo(Duration.ofSeconds(3));
  }
}
