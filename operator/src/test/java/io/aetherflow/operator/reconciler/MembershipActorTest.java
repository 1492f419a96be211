package io.aetherflow.operator.reconciler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aetherflow.operator.etcd.EtcdLinks;
import io.aetherflow.operator.etcd.MembershipStep;
import io.aetherflow.operator.model.Names;
import io.aetherflow.operator.reconciler.MembershipActor.Outcome;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A pod is started anew once, unless the API server did not do it. */
class MembershipActorTest {
  private static final String PATH = "/api/v1/namespaces/default/pods/demo-etcd-0";

  private static final ResourceID ID = new ResourceID("demo", "default");

  private final EtcdLinks<ResourceID> etcds = new EtcdLinks<>(cluster -> {});
  private TestOperator operator;
  private MembershipActor actor;
  private Pod pod;

  @BeforeEach
  void start() throws IOException {
    operator = new TestOperator();
    actor = new MembershipActor(operator.client, etcds);
    pod =
        operator
            .client
            .resource(
                new PodBuilder()
                    .withNewMetadata()
                    .withNamespace("default")
                    .withName("demo-etcd-0")
                    .endMetadata()
                    .build())
            .create();
  }

  @AfterEach
  void stop() {
    etcds.close();
    operator.close();
  }

  private long deletions() {
    return operator.api.writes.stream().filter(("DELETE " + PATH)::equals).count();
  }

  @Test
  void aPodThatMayStillLookAliveIsNotDeletedTwice() {
    assertThat(actor.restart(pod)).isEqualTo(Outcome.STARTED);
    assertThat(actor.restart(pod)).isEqualTo(Outcome.STARTED);
    assertThat(deletions()).isEqualTo(1);
    assertThat(actor.restarted()).containsExactly(pod.getMetadata().getUid());
  }

  @Test
  void aPodThatChangedMeanwhileIsLookedAtAgain() {
    operator.api.refuse(PATH, HttpURLConnection.HTTP_CONFLICT);
    assertThat(actor.restart(pod)).isEqualTo(Outcome.LOOK_AGAIN);
    assertThat(actor.restarted()).as("as if nothing had been tried").isEmpty();
    operator.api.allow(PATH);
    assertThat(actor.restart(pod)).isEqualTo(Outcome.STARTED);
    assertThat(deletions()).as("one was refused").isEqualTo(2);
  }

  @Test
  void aVolumeIsDiscardedOnceAndAgainForTheNextClusterOfTheName() {
    discard();
    discard();
    assertThat(claimDeletions()).isEqualTo(1);
    actor.forget(ID);
    discard();
    assertThat(claimDeletions()).isEqualTo(2);
  }

  private void discard() {
    actor.act(
        ID,
        new Names("demo", "default"),
        new MembershipStep.DiscardVolume("demo-etcd-0", "1f"),
        3,
        List.of());
  }

  private long claimDeletions() {
    return operator.api.writes.stream()
        .filter(write -> write.startsWith("DELETE ") && write.contains("/persistentvolumeclaims/"))
        .count();
  }

  @Test
  void aRefusalIsToldAndTheNextLookTriesAgain() {
    operator.api.refuse(PATH, HttpURLConnection.HTTP_FORBIDDEN);
    assertThatThrownBy(() -> actor.restart(pod)).isInstanceOf(KubernetesClientException.class);
    assertThat(actor.restarted()).isEmpty();
    operator.api.allow(PATH);
    assertThat(actor.restart(pod)).isEqualTo(Outcome.STARTED);
    assertThat(deletions()).as("one was refused").isEqualTo(2);
  }
}
