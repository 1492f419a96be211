package io.aetherflow.local.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aetherflow.local.server.PodLogs;
import io.aetherflow.local.store.ObjectStore;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real processes in real mount namespaces. */
@Timeout(60)
final class NodeTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  @TempDir private Path state;
  private ObjectStore store;
  private LogFiles logs;
  private Node node;

  @BeforeEach
  void start() throws IOException {
    store = new ObjectStore(state.resolve("objects"), Clock.systemUTC());
    startNode();
  }

  private void startNode() throws IOException {
    Path images = state.resolve("images.yaml");
    Files.writeString(
        images,
        """
        images:
        - {name: shell, tags: ["1"], entrypoint: [sh, -c]}
        """);
    logs = new LogFiles(state.resolve("logs"));
    node =
        Node.start(
            store,
            new NodeOptions(
                state,
                "127.77",
                Images.read(images, state),
                logs,
                List.of(),
                (namespace, account) -> new Account("token of " + account, "ca"),
                Map.of("KUBERNETES_SERVICE_HOST", "127.0.0.1"),
                Clock.systemUTC()));
  }

  @AfterEach
  void stop() throws IOException {
    node.stop();
    store.close();
  }

  private static PodBuilder pod(String name, String script) {
    return new PodBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace("default")
        .endMetadata()
        .withNewSpec()
        .withNodeName(Node.NAME)
        .withServiceAccountName("default")
        .addNewContainer()
        .withName("main")
        .withImage("shell:1")
        .withArgs(script)
        .endContainer()
        .endSpec();
  }

  private Pod create(PodBuilder pod) {
    return store.create(pod.build());
  }

  private Pod when(String name, Predicate<Pod> condition) {
    return await(name)
        .atMost(SOON)
        .until(
            () -> store.find(Pod.class, "default", name),
            found -> found.isPresent() && condition.test(found.get()))
        .orElseThrow();
  }

  private static ContainerStatus container(Pod pod) {
    List<ContainerStatus> all = pod.getStatus().getContainerStatuses();
    return all.isEmpty() ? new ContainerStatus() : all.getFirst();
  }

  private static boolean isReady(Pod pod) {
    return Boolean.TRUE.equals(container(pod).getReady());
  }

  private static boolean ended(Pod pod) {
    return "Succeeded".equals(pod.getStatus().getPhase());
  }

  private String log(String pod) throws IOException {
    try (var stream =
        logs.open(
            new PodLogs.Request("default", pod, "", false, OptionalLong.empty(), false, false))) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static long pid(Pod pod) {
    return Long.parseLong(container(pod).getContainerID().replace("process://", ""));
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
    create(pod);

    Pod ended =
        when(
            "last-words",
            found ->
                container(found).getState() != null
                    && container(found).getState().getTerminated() != null);

    assertThat(container(ended).getState().getTerminated().getMessage())
        .isEqualTo("it was the disk\n");
  }

  @Test
  void aPodSeesWhatItWouldSeeInACluster() throws IOException {
    store.create(
        new ConfigMapBuilder()
            .withNewMetadata()
            .withName("settings")
            .withNamespace("default")
            .endMetadata()
            .addToData("colour", "green")
            .build());
    store.create(
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
    create(
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

    Pod pod = when("one", NodeTest::ended);

    boolean root = ProcessHandle.current().info().user().filter("root"::equals).isPresent();
    String id = root ? "65532:65532" : "0:0";
    assertThat(log("one").lines())
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
  void aKilledContainerStartsAgainAndTheStatusTellsWhy() {
    create(pod("main", "exec sleep 600"));
    Pod first = when("main", NodeTest::isReady);
    ProcessHandle.of(pid(first)).orElseThrow().destroyForcibly();

    Pod second = when("main", pod -> isReady(pod) && container(pod).getRestartCount() == 1);

    assertThat(pid(second)).isNotEqualTo(pid(first));
    assertThat(container(second).getLastState().getTerminated().getExitCode()).isEqualTo(137);
    assertThat(container(second).getLastState().getTerminated().getReason()).isEqualTo("Error");
  }

  @Test
  void aContainerThatKeepsFailingWaitsLongerEachTime() {
    create(pod("main", "exit 3"));
    Pod waiting =
        when(
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
    create(
        pod("main", "exit 0")
            .editSpec()
            .editFirstContainer()
            .withImage("shell:2")
            .endContainer()
            .endSpec());
    Pod pod =
        when(
            "main",
            each ->
                container(each).getState() != null
                    && container(each).getState().getWaiting() != null
                    && "ErrImagePull".equals(container(each).getState().getWaiting().getReason()));
    assertThat(container(pod).getState().getWaiting().getMessage())
        .contains("shell:2")
        .contains("shell:1");
    assertThat(store.list(Event.class)).anyMatch(event -> event.getMessage().contains("shell:2"));
  }

  @Test
  void aPodWaitsForItsConfigMapAndFollowsItsChanges() {
    String script = "until grep -q blue /etc/settings/colour; do sleep 0.05; done; echo blue";
    create(
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
        when(
            "main",
            pod ->
                container(pod).getState() != null
                    && container(pod).getState().getWaiting() != null
                    && container(pod).getState().getWaiting().getMessage() != null);
    assertThat(container(waiting).getState().getWaiting().getMessage())
        .isEqualTo("configmap \"settings\" not found");

    var settings =
        store.create(
            new ConfigMapBuilder()
                .withNewMetadata()
                .withName("settings")
                .withNamespace("default")
                .endMetadata()
                .addToData("colour", "green")
                .build());
    when("main", NodeTest::isReady);
    settings.setData(Map.of("colour", "blue"));
    store.replace(settings);

    when("main", NodeTest::ended);
  }

  @Test
  void deletionAsksFirstAndForcesAfterTheGracePeriod() {
    create(pod("polite", "trap 'echo bye; exit 0' TERM; while :; do sleep 0.05; done"));
    create(pod("stubborn", "trap '' TERM; while :; do sleep 0.05; done"));
    when("polite", NodeTest::isReady);
    long pid = pid(when("stubborn", NodeTest::isReady));

    store.delete(Pod.class, "default", "polite", 30);
    store.delete(Pod.class, "default", "stubborn", 1);

    await()
        .atMost(SOON)
        .until(() -> store.list(Pod.class).isEmpty() && ProcessHandle.of(pid).isEmpty());
    assertThat(state.resolve("pods")).isEmptyDirectory();
  }

  @Test
  void aNodeThatStartsAgainTakesOverRunningPods() throws IOException {
    create(pod("main", "exec sleep 600"));
    Pod before = when("main", NodeTest::isReady);
    node.close();

    startNode();
    ProcessHandle.of(pid(before)).orElseThrow().destroyForcibly();
    Pod after = when("main", pod -> isReady(pod) && container(pod).getRestartCount() == 1);

    assertThat(after.getMetadata().getUid()).isEqualTo(before.getMetadata().getUid());
    assertThat(after.getStatus().getPodIP()).isEqualTo(before.getStatus().getPodIP());
    assertThat(container(after).getLastState().getTerminated().getReason())
        .isEqualTo("ContainerStatusUnknown");
  }

  @Test
  void aNodeThatStartsAgainEndsPodsThatWereDeletedMeanwhile() throws IOException {
    create(pod("main", "exec sleep 600"));
    long pid = pid(when("main", NodeTest::isReady));
    node.close();
    store.delete(Pod.class, "default", "main", 0);

    startNode();

    await().atMost(SOON).until(() -> ProcessHandle.of(pid).isEmpty());
  }

  @Test
  void stoppingEndsProcessesAndKeepsThePods() throws IOException {
    create(pod("main", "exec sleep 600"));
    Pod before = when("main", NodeTest::isReady);

    node.stop();
    assertThat(ProcessHandle.of(pid(before))).isEmpty();
    assertThat(isReady(store.find(Pod.class, "default", "main").orElseThrow())).isFalse();

    startNode();
    Pod after = when("main", NodeTest::isReady);
    assertThat(after.getMetadata().getUid()).isEqualTo(before.getMetadata().getUid());
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
    org.junit.jupiter.api.Assumptions.assumeTrue(
        Files.isExecutable(Path.of("/usr/bin/python3")), "python3 serves the probe");
    create(
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
    String uid = when("main", pod -> container(pod).getState() != null).getMetadata().getUid();
    Path volume = state.resolve("pods").resolve(uid).resolve("volumes/flag");
    await().atMost(SOON).until(() -> Files.exists(volume));
    Path flag = Files.createFile(volume.resolve("up"));
    when("main", NodeTest::isReady);
    Files.delete(flag);
    when("main", pod -> !isReady(pod));
    Files.createFile(flag);
    when("main", NodeTest::isReady);
  }

  @Test
  void nothingIsWrittenWhileNothingHappens() throws Exception {
    create(pod("main", "exec sleep 600"));
    when("main", NodeTest::isReady);
    String before =
        store.find(Pod.class, "default", "main").orElseThrow().getMetadata().getResourceVersion();
    store.create(
        new ConfigMapBuilder()
            .withNewMetadata()
            .withName("other")
            .withNamespace("default")
            .endMetadata()
            .build());
    // A second pod's whole life passes through the same loop after the change above.
    create(pod("later", "exit 0").editSpec().withRestartPolicy("Never").endSpec());
    when("later", NodeTest::ended);
    assertThat(
            store
                .find(Pod.class, "default", "main")
                .orElseThrow()
                .getMetadata()
                .getResourceVersion())
        .isEqualTo(before);
  }
}
