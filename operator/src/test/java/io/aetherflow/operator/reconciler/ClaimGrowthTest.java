package io.aetherflow.operator.reconciler;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.crds.AetherFlowCluster;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How often a claim is asked to grow that the API lets not, with a clock moved by hand. */
class ClaimGrowthTest {
  private static final String PATH =
      "/api/v1/namespaces/default/persistentvolumeclaims/data-demo-etcd-0";
  private static final Quantity WANTED = new Quantity("2Gi");

  private FakeApi api;
  private KubernetesClient client;
  private ClaimGrowth growth;
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");

  @BeforeEach
  void start() throws IOException {
    api = new FakeApi();
    api.forbid(PATH);
    Config config = new ConfigBuilder(Config.empty()).withMasterUrl(api.url()).build();
    client = new KubernetesClientBuilder().withConfig(config).build();
    InstantSource time = () -> now;
    growth = new ClaimGrowth(client, time.withZone(ZoneOffset.UTC));
  }

  @AfterEach
  void stop() {
    client.close();
    api.close();
  }

  @Test
  void theSameQuestionIsPutOnceAnHour() {
    ClaimGrowth.Answer first = ask(1, "7", WANTED);
    assertThat(first)
        .isEqualTo(
            new ClaimGrowth.Refused("the API server refuses it", now.plus(ClaimGrowth.ASK_AGAIN)));

    now = now.plus(ClaimGrowth.ASK_AGAIN).minusMillis(1);
    assertThat(ask(1, "7", WANTED)).isEqualTo(first);
    assertThat(requests()).isEqualTo(1);

    now = now.plusMillis(1);
    assertThat(ask(1, "7", WANTED)).isNotEqualTo(first);
    assertThat(requests()).isEqualTo(2);
  }

  @Test
  void anotherSizeAnEditAndAChangedClaimAreNewQuestions() {
    ask(1, "7", WANTED);
    ask(1, "7", new Quantity("3Gi"));
    ask(2, "7", new Quantity("3Gi"));
    ask(2, "8", new Quantity("3Gi"));
    assertThat(requests()).isEqualTo(4);
  }

  @Test
  void aClusterThatIsGoneLeavesNothingBehind() {
    ask(1, "7", WANTED);
    growth.forget(ResourceID.fromResource(cluster(1)));
    ask(1, "7", WANTED);
    assertThat(requests()).isEqualTo(2);
  }

  @Test
  void aClaimThatIsLargeEnoughIsNotAsked() {
    assertThat(ask(1, "7", new Quantity("1024Mi"))).isEqualTo(new ClaimGrowth.Asked());
    assertThat(requests()).isZero();
  }

  private ClaimGrowth.Answer ask(long generation, String claimVersion, Quantity size) {
    return growth.ask(cluster(generation), claim(claimVersion), size);
  }

  private long requests() {
    return api.count("PATCH " + PATH);
  }

  private static AetherFlowCluster cluster(long generation) {
    AetherFlowCluster cluster = new AetherFlowCluster();
    cluster.setMetadata(
        new ObjectMetaBuilder()
            .withName("demo")
            .withNamespace("default")
            .withGeneration(generation)
            .build());
    return cluster;
  }

  private static PersistentVolumeClaim claim(String version) {
    return new PersistentVolumeClaimBuilder()
        .withNewMetadata()
        .withName("data-demo-etcd-0")
        .withNamespace("default")
        .withUid("0")
        .withResourceVersion(version)
        .endMetadata()
        .withNewSpec()
        .withNewResources()
        .addToRequests("storage", new Quantity("1Gi"))
        .endResources()
        .endSpec()
        .build();
  }
}
