package io.aetherflow.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aetherflow.e2e.cluster.Cluster;
import io.aetherflow.e2e.cluster.ClusterTest;
import io.aetherflow.e2e.cluster.Command;
import io.aetherflow.e2e.kube.AfcState;
import io.aetherflow.e2e.kube.Kubectl;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Nonsense is refused by the API with one sentence that names the field, and changes nothing. */
@ClusterTest
@Order(30)
class RefusedTest {
  /** A refusal is read in a terminal, not studied. */
  private static final int SENTENCE_CHARS_MAX = 400;

  private final Cluster cluster;

  RefusedTest(Cluster cluster) {
    this.cluster = cluster;
  }

  enum Nonsense {
    RATIO_ABOVE_100("{\"quantum\":{\"fec\":{\"ratioPercent\":150}}}", "ratioPercent", "100"),
    TWO_ETCD_MEMBERS("{\"etcd\":{\"replicas\":2}}", "etcd", "replicas"),
    MIN_ABOVE_MAX(
        "{\"gateway\":{\"replicas\":null,\"autoscaling\":{\"minReplicas\":5,\"maxReplicas\":2}}}",
        "gateway",
        "minReplicas"),
    SESSIONS_OF_DOCUMENTS(
        "{\"stateSync\":{\"replicas\":null,\"autoscaling\":{\"targetSessionsPerPod\":5}}}",
        "stateSync",
        "targetSessionsPerPod"),
    UNKNOWN_FIELD("{\"quantum\":{\"fec\":{\"ratio\":40}}}", "unknown field", "ratio");

    private final String spec;
    private final List<String> named;

    Nonsense(String spec, String... named) {
      this.spec = spec;
      this.named = List.of(named);
    }

    String patch() {
      return "{\"spec\":" + spec + "}";
    }
  }

  @ParameterizedTest
  @EnumSource
  void throughTheApi(Nonsense nonsense) {
    AfcState before = cluster.afc().get();

    KubernetesClientException refused =
        catchThrowableOfType(
            KubernetesClientException.class, () -> cluster.afc().patchStrictly(nonsense.patch()));

    assertThat(refused).as("the API accepted %s", nonsense.patch()).isNotNull();
    assertThat(refused.getCode()).isIn(400, 422);
    assertIsOneSentence(refused.getStatus().getMessage(), nonsense);
    assertUnchanged(before);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UNKNOWN_FIELD")
  void throughKubectlPatch(Nonsense nonsense) {
    assumeTrue(Kubectl.installed(), "kubectl is not installed");
    AfcState before = cluster.afc().get();

    Command.Result refused =
        cluster
            .kubectl()
            .run("patch", "aetherflow", "demo", "--type=merge", "-p", nonsense.patch());

    assertThat(refused.exit()).as("%s", refused).isNotZero();
    assertIsOneSentence(refused.err(), nonsense);
    assertUnchanged(before);
  }

  /** {@code kubectl patch} does not ask for strict validation; {@code kubectl apply} does. */
  @Test
  void anUnknownFieldThroughKubectlApply() {
    assumeTrue(Kubectl.installed(), "kubectl is not installed");
    AfcState before = cluster.afc().get();

    Command.Result refused =
        cluster
            .kubectl()
            .runWithInput(
                """
                apiVersion: aetherflow.io/v1alpha1
                kind: AetherFlowCluster
                metadata:
                  name: demo
                  namespace: default
                spec:
                  quantum:
                    fec:
                      ratio: 40
                """,
                "apply",
                "-f",
                "-");

    assertThat(refused.exit()).as("%s", refused).isNotZero();
    assertThat(refused.err()).contains("unknown field", "ratio");
    assertUnchanged(before);
  }

  private static void assertIsOneSentence(String text, Nonsense nonsense) {
    List<String> lines =
        text.lines().filter(line -> !line.isBlank() && !line.startsWith("Warning:")).toList();
    assertThat(lines).as("one sentence").hasSize(1);
    assertThat(lines.getFirst()).hasSizeLessThan(SENTENCE_CHARS_MAX).contains(nonsense.named);
  }

  private void assertUnchanged(AfcState before) {
    AfcState after = cluster.afc().get();
    assertThat(after.generation()).isEqualTo(before.generation());
    assertThat(after.spec()).isEqualTo(before.spec());
  }
}
