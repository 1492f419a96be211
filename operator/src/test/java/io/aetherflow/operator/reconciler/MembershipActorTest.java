package io.aetherflow.operator.reconciler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aetherflow.operator.etcd.EtcdLinks;
import io.aetherflow.operator.reconciler.MembershipActor.Outcome;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.io.IOException;
import java.net.HttpURLConnection;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A pod is started anew once, unless the API server did not do it. */
class MembershipActorTest {
  private static final String PATH = "/api/v1/namespaces/default/pods/demo-etcd-0";

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
  void aRefusalIsToldAndTheNextLookTriesAgain() {
    operator.api.refuse(PATH, HttpURLConnection.HTTP_FORBIDDEN);
    assertThatThrownBy(() -> actor.restart(pod)).isInstanceOf(KubernetesClientException.class);
    assertThat(actor.restarted()).isEmpty();
    operator.api.allow(PATH);
    assertThat(actor.restart(pod)).isEqualTo(Outcome.STARTED);
    assertThat(deletions()).as("one was refused").isEqualTo(2);
  }
}
