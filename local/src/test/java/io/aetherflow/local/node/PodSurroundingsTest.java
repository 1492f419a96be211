package io.aetherflow.local.node;

import static io.aetherflow.local.node.TestNode.container;
import static io.aetherflow.local.node.TestNode.pod;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a process finds in its mount namespace: files, variables, names, credentials. */
@Timeout(60)
final class PodSurroundingsTest {
  @TempDir private Path state;
  private TestNode node;

  @BeforeEach
  void start() throws IOException {
    node = new TestNode(state);
  }

  @AfterEach
  void stop() throws IOException {
    node.close();
  }

  @Test
  void aPodSeesWhatItWouldSeeInACluster() throws IOException {
    node.store()
        .create(
            new ConfigMapBuilder()
                .withNewMetadata()
                .withName("settings")
                .withNamespace("default")
                .endMetadata()
                .addToData("colour", "green")
                .build());
    node.store()
        .create(
            new ServiceBuilder()
                .withNewMetadata()
                .withName("peers")
                .withNamespace("default")
                .endMetadata()
                .withNewSpec()
                .withClusterIP("None")
                .withPublishNotReadyAddresses(true)
                .addToSelector("app", "peer")
                .endSpec()
                .build());
    String script =
        """
        echo id=$(id -u):$(id -g) host=$(hostname) ip=$IP colour=$COLOUR twice=$TWICE
        echo file=$(cat /etc/settings/colour) token=$(cat /var/run/secrets/kubernetes.io/serviceaccount/token)
        touch /etc/settings/x 2>/dev/null && echo settings are writable
        touch /x 2>/dev/null && echo root is writable
        touch /scratch/x && echo scratch is writable
        until grep -q one.peers.default.svc.cluster.local /etc/hosts; do sleep 0.1; done
        grep -o 'one.peers.default.svc.cluster.local' /etc/hosts
        """;
    node.create(
        pod("one", script)
            .editMetadata()
            .addToLabels("app", "peer")
            .endMetadata()
            .editSpec()
            .withRestartPolicy("Never")
            .withHostname("one")
            .withSubdomain("peers")
            .withNewSecurityContext()
            .withRunAsUser(65532L)
            .withRunAsGroup(65532L)
            .endSecurityContext()
            .editFirstContainer()
            .addNewEnv()
            .withName("IP")
            .withNewValueFrom()
            .withNewFieldRef("v1", "status.podIP")
            .endValueFrom()
            .endEnv()
            .addNewEnv()
            .withName("COLOUR")
            .withNewValueFrom()
            .withNewConfigMapKeyRef("colour", "settings", false)
            .endValueFrom()
            .endEnv()
            .addNewEnv()
            .withName("TWICE")
            .withValue("$(COLOUR)-$(COLOUR)-$(NONE)")
            .endEnv()
            .withNewSecurityContext()
            .withReadOnlyRootFilesystem(true)
            .endSecurityContext()
            .addNewVolumeMount()
            .withName("settings")
            .withMountPath("/etc/settings")
            .withReadOnly(true)
            .endVolumeMount()
            .addNewVolumeMount()
            .withName("scratch")
            .withMountPath("/scratch")
            .endVolumeMount()
            .endContainer()
            .addNewVolume()
            .withName("settings")
            .withNewConfigMap()
            .withName("settings")
            .endConfigMap()
            .endVolume()
            .addNewVolume()
            .withName("scratch")
            .withNewEmptyDir()
            .endEmptyDir()
            .endVolume()
            .endSpec());

    Pod pod = node.when("one", TestNode::ended);

    boolean root = ProcessHandle.current().info().user().filter("root"::equals).isPresent();
    String id = root ? "65532:65532" : "0:0";
    assertThat(node.log("one").lines())
        .containsExactly(
            "id="
                + id
                + " host=one ip="
                + pod.getStatus().getPodIP()
                + " colour=green"
                + " twice=green-green-$(NONE)",
            "file=green token=token of default",
            "scratch is writable",
            "one.peers.default.svc.cluster.local");
    assertThat(Files.exists(Path.of("/scratch"))).isFalse();
  }

  @Test
  void aPodWaitsForItsConfigMapAndFollowsItsChanges() {
    String script = "until grep -q blue /etc/settings/colour; do sleep 0.05; done; echo blue";
    node.create(
        pod("main", script)
            .editSpec()
            .withRestartPolicy("Never")
            .editFirstContainer()
            .addNewVolumeMount()
            .withName("settings")
            .withMountPath("/etc/settings")
            .endVolumeMount()
            .endContainer()
            .addNewVolume()
            .withName("settings")
            .withNewConfigMap()
            .withName("settings")
            .endConfigMap()
            .endVolume()
            .endSpec());
    Pod waiting =
        node.when(
            "main",
            pod ->
                container(pod).getState() != null
                    && container(pod).getState().getWaiting() != null
                    && container(pod).getState().getWaiting().getMessage() != null);
    assertThat(container(waiting).getState().getWaiting().getMessage())
        .isEqualTo("configmap \"settings\" not found");

    var settings =
        node.store()
            .create(
                new ConfigMapBuilder()
                    .withNewMetadata()
                    .withName("settings")
                    .withNamespace("default")
                    .endMetadata()
                    .addToData("colour", "green")
                    .build());
    node.when("main", TestNode::isReady);
    settings.setData(Map.of("colour", "blue"));
    node.store().replace(settings);

    node.when("main", TestNode::ended);
  }
}
