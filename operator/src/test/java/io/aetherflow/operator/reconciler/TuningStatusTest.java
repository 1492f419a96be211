package io.aetherflow.operator.reconciler;

import static io.aetherflow.operator.reconciler.SeenCluster.REVISION;
import static io.aetherflow.operator.reconciler.SeenCluster.condition;
import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.api.EtcdKeys;
import io.aetherflow.crds.AetherFlowClusterStatus;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the status says of the tuning and of the pods that confirm it. */
class TuningStatusTest {
  private final SeenCluster seen = new SeenCluster();

  @Test
  void aPodThatLagsIsNamed() {
    seen.confirm("session-service-1", REVISION - 1, "session-service-1-uid", Map.of());

    AetherFlowClusterStatus status = seen.status();

    assertThat(condition(status, "TuningApplied"))
        .returns("False", Condition::getStatus)
        .returns("WaitingForPods", Condition::getReason);
    assertThat(status.tuning().pending()).containsExactly("session-service-1");
    assertThat(status.display().tuned()).isEqualTo("8/9");
  }

  @Test
  void theConfirmationOfADeadPodOfTheSameNameDoesNotCount() {
    seen.confirm("session-service-1", REVISION, "another-uid", Map.of());

    assertThat(seen.status().tuning().pending()).containsExactly("session-service-1");
  }

  @Test
  void aPodThatIsGoingDoesNotCount() {
    seen.applied.remove("session-service-1");
    seen.pods.stream()
        .filter(pod -> pod.getMetadata().getName().equals("session-service-1"))
        .forEach(pod -> pod.getMetadata().setDeletionTimestamp("2026-01-01T00:00:00Z"));

    assertThat(seen.status().display().tuned()).isEqualTo("8/8");
  }

  @Test
  void noLivePodConfirmsNothing() {
    seen.pods.clear();

    assertThat(condition(seen.status(), "TuningApplied").getReason()).isEqualTo("NoLivePods");
  }

  @Test
  void aRefusedValueDegrades() {
    seen.confirm(
        "api-gateway-0", REVISION - 1, "api-gateway-0-uid", Map.of("fec-ratio", "too much"));

    AetherFlowClusterStatus status = seen.status();

    assertThat(condition(status, "Degraded"))
        .returns("TuningRejected", Condition::getReason)
        .returns("refused by api-gateway-0 fec-ratio: too much", Condition::getMessage);
    assertThat(condition(status, "Ready").getStatus()).isEqualTo("False");
  }

  @Test
  void readyEndsWithTheNextGenerationUntilItsTuningIsPublished() {
    seen.cluster.setStatus(seen.status());
    seen.cluster.getMetadata().setGeneration(5L);
    Map<String, String> old = new HashMap<>(seen.entries);
    old.put(EtcdKeys.CONFIG_QUANTUM + "fec-ratio", "0.5");
    seen.entries = old;
    seen.now = seen.now.plusSeconds(1);

    AetherFlowClusterStatus status = seen.status();

    assertThat(condition(status, "Ready"))
        .returns("False", Condition::getStatus)
        .returns("Progressing", Condition::getReason)
        .returns(5L, Condition::getObservedGeneration)
        .returns("2026-01-01T00:00:01Z", Condition::getLastTransitionTime);
    assertThat(condition(status, "TuningApplied").getReason()).isEqualTo("Publishing");
    assertThat(status.display().fec()).as("what runs, not what is wanted").isEqualTo("50%");
  }
}
