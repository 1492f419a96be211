package io.aetherflow.local.node;

import static io.aetherflow.local.node.TestNode.container;
import static io.aetherflow.local.node.TestNode.isReady;
import static io.aetherflow.local.node.TestNode.pid;
import static io.aetherflow.local.node.TestNode.pod;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node that ends pods, ends itself and starts again; its processes are real. */
@Timeout(60)
final class NodeTest {
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
  void deletionAsksFirstAndForcesAfterTheGracePeriod() {
    node.create(pod("polite", "trap 'echo bye; exit 0' TERM; while :; do sleep 0.05; done"));
    node.create(pod("stubborn", "trap '' TERM; while :; do sleep 0.05; done"));
    node.when("polite", TestNode::isReady);
    long pid = pid(node.when("stubborn", TestNode::isReady));

    node.store().delete(Pod.class, "default", "polite", 30);
    node.store().delete(Pod.class, "default", "stubborn", 1);

    await()
        .atMost(TestNode.SOON)
        .until(() -> node.store().list(Pod.class).isEmpty() && ProcessHandle.of(pid).isEmpty());
    assertThat(state.resolve("pods")).isEmptyDirectory();
  }

  @Test
  void aNodeThatStartsAgainTakesOverRunningPods() throws IOException {
    node.create(pod("main", "exec sleep 600"));
    Pod before = node.when("main", TestNode::isReady);
    node.crash();

    node.start();
    ProcessHandle.of(pid(before)).orElseThrow().destroyForcibly();
    Pod after = node.when("main", pod -> isReady(pod) && container(pod).getRestartCount() == 1);

    assertThat(after.getMetadata().getUid()).isEqualTo(before.getMetadata().getUid());
    assertThat(after.getStatus().getPodIP()).isEqualTo(before.getStatus().getPodIP());
    assertThat(container(after).getLastState().getTerminated().getReason())
        .isEqualTo("ContainerStatusUnknown");
  }

  @Test
  void aNodeThatStartsAgainEndsPodsThatWereDeletedMeanwhile() throws IOException {
    node.create(pod("main", "exec sleep 600"));
    long pid = pid(node.when("main", TestNode::isReady));
    node.crash();
    node.store().delete(Pod.class, "default", "main", 0);

    node.start();

    await().atMost(TestNode.SOON).until(() -> ProcessHandle.of(pid).isEmpty());
  }

  @Test
  void stoppingEndsProcessesAndKeepsThePods() throws IOException {
    node.create(pod("main", "exec sleep 600"));
    Pod before = node.when("main", TestNode::isReady);

    node.stop();
    assertThat(ProcessHandle.of(pid(before))).isEmpty();
    assertThat(isReady(node.store().find(Pod.class, "default", "main").orElseThrow())).isFalse();

    node.start();
    Pod after = node.when("main", TestNode::isReady);
    assertThat(after.getMetadata().getUid()).isEqualTo(before.getMetadata().getUid());
  }

  @Test
  void nothingIsWrittenWhileNothingHappens() throws Exception {
    node.create(pod("main", "exec sleep 600"));
    node.when("main", TestNode::isReady);
    String before =
        node.store()
            .find(Pod.class, "default", "main")
            .orElseThrow()
            .getMetadata()
            .getResourceVersion();
    node.store()
        .create(
            new ConfigMapBuilder()
                .withNewMetadata()
                .withName("other")
                .withNamespace("default")
                .endMetadata()
                .build());
    // A second pod's whole life passes through the same loop after the change above.
    node.create(pod("later", "exit 0").editSpec().withRestartPolicy("Never").endSpec());
    node.when("later", TestNode::ended);
    assertThat(
            node.store()
                .find(Pod.class, "default", "main")
                .orElseThrow()
                .getMetadata()
                .getResourceVersion())
        .isEqualTo(before);
  }
}
