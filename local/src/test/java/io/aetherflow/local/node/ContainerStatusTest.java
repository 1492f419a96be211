package io.aetherflow.local.node;

import static io.aetherflow.local.node.TestNode.container;
import static io.aetherflow.local.node.TestNode.isReady;
import static io.aetherflow.local.node.TestNode.pid;
import static io.aetherflow.local.node.TestNode.pod;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of containers, and what the status tells of it; the processes are real. */
@Timeout(60)
final class ContainerStatusTest {
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
  void aFailedContainersStatusHasItsLastWords() {
    PodBuilder pod = pod("last-words", "echo it was the disk; exit 3");
    pod.editSpec().withRestartPolicy("Never").endSpec();
    pod.editSpec()
        .editFirstContainer()
        .withTerminationMessagePolicy("FallbackToLogsOnError")
        .endContainer()
        .endSpec();
    node.create(pod);

    Pod ended =
        node.when(
            "last-words",
            found ->
                container(found).getState() != null
                    && container(found).getState().getTerminated() != null);

    assertThat(container(ended).getState().getTerminated().getMessage())
        .isEqualTo("it was the disk\n");
  }

  @Test
  void aKilledContainerStartsAgainAndTheStatusTellsWhy() {
    node.create(pod("main", "exec sleep 600"));
    Pod first = node.when("main", TestNode::isReady);
    ProcessHandle.of(pid(first)).orElseThrow().destroyForcibly();

    Pod second = node.when("main", pod -> isReady(pod) && container(pod).getRestartCount() == 1);

    assertThat(pid(second)).isNotEqualTo(pid(first));
    assertThat(container(second).getLastState().getTerminated().getExitCode()).isEqualTo(137);
    assertThat(container(second).getLastState().getTerminated().getReason()).isEqualTo("Error");
  }

  @Test
  void aContainerThatKeepsFailingWaitsLongerEachTime() {
    node.create(pod("main", "exit 3"));
    Pod waiting =
        node.when(
            "main",
            pod ->
                container(pod).getState() != null
                    && container(pod).getState().getWaiting() != null
                    && "CrashLoopBackOff"
                        .equals(container(pod).getState().getWaiting().getReason()));
    assertThat(container(waiting).getLastState().getTerminated().getExitCode()).isEqualTo(3);
    assertThat(container(waiting).getState().getWaiting().getMessage()).contains("back-off 10s");
  }

  @Test
  void anImageWithoutAProgramIsAnImagePullError() {
    node.create(
        pod("main", "exit 0")
            .editSpec()
            .editFirstContainer()
            .withImage("shell:2")
            .endContainer()
            .endSpec());
    Pod pod =
        node.when(
            "main",
            each ->
                container(each).getState() != null
                    && container(each).getState().getWaiting() != null
                    && "ErrImagePull".equals(container(each).getState().getWaiting().getReason()));
    assertThat(container(pod).getState().getWaiting().getMessage())
        .contains("shell:2")
        .contains("shell:1");
    assertThat(node.store().list(Event.class))
        .anyMatch(event -> event.getMessage().contains("shell:2"));
  }

  @Test
  void readinessFollowsTheProbe() throws IOException {
    // A server of one line per connection: 200 while the flag is there.
    String server =
        "exec python3 -c \""
            + "import http.server,os\n"
            + "class H(http.server.BaseHTTPRequestHandler):\n"
            + "  def do_GET(s):\n"
            + "    s.send_response(200 if os.path.exists('/flag/up') else 503)\n"
            + "    s.end_headers()\n"
            + "  def log_message(*a): pass\n"
            + "http.server.HTTPServer((os.environ['IP'],8099),H).serve_forever()\"";
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/python3")), "python3 serves the probe");
    node.create(
        pod("main", server)
            .editSpec()
            .editFirstContainer()
            .addNewEnv()
            .withName("IP")
            .withNewValueFrom()
            .withNewFieldRef("v1", "status.podIP")
            .endValueFrom()
            .endEnv()
            .withNewReadinessProbe()
            .withNewHttpGet()
            .withPath("/")
            .withNewPort(8099)
            .endHttpGet()
            .withPeriodSeconds(1)
            .withFailureThreshold(1)
            .endReadinessProbe()
            .addNewVolumeMount()
            .withName("flag")
            .withMountPath("/flag")
            .endVolumeMount()
            .endContainer()
            .addNewVolume()
            .withName("flag")
            .withNewEmptyDir()
            .endEmptyDir()
            .endVolume()
            .endSpec());
    String uid = node.when("main", pod -> container(pod).getState() != null).getMetadata().getUid();
    Path volume = state.resolve("pods").resolve(uid).resolve("volumes/flag");
    await().atMost(TestNode.SOON).until(() -> Files.exists(volume));
    Path flag = Files.createFile(volume.resolve("up"));
    node.when("main", TestNode::isReady);
    Files.delete(flag);
    node.when("main", pod -> !isReady(pod));
    Files.createFile(flag);
    node.when("main", TestNode::isReady);
  }
}
