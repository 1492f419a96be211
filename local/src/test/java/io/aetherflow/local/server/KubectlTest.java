package io.aetherflow.local.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stock kubectl against the server; skipped where kubectl is not installed. */
class KubectlTest {
  @TempDir static Path directory;

  private static ApiServer server;

  @BeforeAll
  static void start() throws Exception {
    Assumptions.assumeTrue(onPath(), "kubectl is not on the PATH; install it to run this test");
    server = ApiServer.start(ApiServerOptions.of(directory.resolve("state"), 0));
    Path crd = Path.of(KubectlTest.class.getResource("/local/widget-crd.yaml").toURI());
    ok("", "apply", "-f", crd.toString());
    ok("", "wait", "--for=condition=Established", "crd/widgets.test.aetherflow.io");
  }

  private static boolean onPath() {
    return List.of(System.getenv("PATH").split(":")).stream()
        .anyMatch(dir -> Files.isExecutable(Path.of(dir, "kubectl")));
  }

  @AfterAll
  static void stop() throws IOException {
    if (server != null) {
      server.close();
    }
  }

  private record Result(int code, String output) {}

  private static Result run(String input, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("kubectl"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("KUBECONFIG", server.kubeconfig().toString());
    builder.environment().put("HOME", directory.toString());
    builder.environment().put("EDITOR", "sed -i s/ratioPercent:.*/ratioPercent:\\ 44/");
    Path in = Files.writeString(Files.createTempFile(directory, "in", ".yaml"), input);
    builder.redirectInput(in.toFile());
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return new Result(process.exitValue(), output);
  }

  private static String ok(String input, String... arguments) throws Exception {
    Result result = run(input, arguments);
    assertThat(result.code).as(String.join(" ", arguments) + "\n" + result.output).isZero();
    return result.output;
  }

  private static String refused(String input, String... arguments) throws Exception {
    Result result = run(input, arguments);
    assertThat(result.code).as(String.join(" ", arguments) + "\n" + result.output).isNotZero();
    return result.output;
  }

  private static String widget(String name, String spec) {
    return """
    apiVersion: test.aetherflow.io/v1alpha1
    kind: Widget
    metadata: {name: %s}
    spec: {%s}
    """
        .formatted(name, spec);
  }

  private static String deployment(String name) {
    return """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: %s}
    spec:
      selector: {matchLabels: {app: %s}}
      template:
        metadata: {labels: {app: %s}}
        spec:
          containers:
          - name: main
            image: example/app:1
            env: [{name: A, value: "1"}, {name: B, value: "2"}]
            ports: [{containerPort: 8080}, {containerPort: 8080, protocol: UDP}]
    """
        .formatted(name, name, name);
  }

  @Test
  void appliesAndShowsCustomResources() throws Exception {
    assertThat(ok(widget("one", "fec: {ratioPercent: 20}"), "apply", "-f", "-"))
        .contains("widget.test.aetherflow.io/one created");
    assertThat(ok(widget("one", "fec: {ratioPercent: 20}"), "apply", "-f", "-"))
        .contains("unchanged");
    assertThat(ok("", "get", "wd", "one")).contains("READY", "RATIO", "AGE").contains("20");
    assertThat(ok("", "get", "all")).contains("widget.test.aetherflow.io/one");
    ok("", "edit", "widget", "one");
    assertThat(ok("", "get", "wd", "one", "-o", "jsonpath={.spec.fec.ratioPercent}"))
        .isEqualTo("44");
    ok("", "scale", "widget/one", "--replicas=3");
    ok("", "patch", "widget", "one", "--type=merge", "-p", "{\"spec\":{\"mode\":\"Fixed\"}}");
    ok(
        "",
        "patch",
        "widget",
        "one",
        "--subresource=status",
        "--type=merge",
        "-p",
        "{\"status\":{\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]}}");
    ok("", "wait", "--for=condition=Ready", "widget/one", "--timeout=5s");
    assertThat(ok("", "get", "widget", "one", "-o", "yaml"))
        .contains("replicas: 3", "mode: Fixed", "generation: 4");
    assertThat(ok("", "describe", "widget", "one")).contains("Ratio Percent:  44");
    ok("", "label", "widget", "one", "tier=front");
    assertThat(ok("", "get", "wd", "-l", "tier in (front,back)")).contains("one");
    assertThat(ok("", "get", "wd", "-l", "tier!=front")).doesNotContain("one ");
    ok("", "delete", "widget", "one");
    assertThat(refused("", "get", "widget", "one"))
        .contains("widgets.test.aetherflow.io \"one\" not found");
  }

  @Test
  void refusesInvalidCustomResourcesInTheServersWords() throws Exception {
    assertThat(refused(widget("bad", "fec: {ratioPercent: 150}"), "apply", "-f", "-"))
        .contains(
            "The Widget \"bad\" is invalid: spec.fec.ratioPercent: Invalid value: 150:"
                + " spec.fec.ratioPercent in body should be less than or equal to 100");
    assertThat(refused(widget("bad", "foo: 1"), "apply", "-f", "-"))
        .contains("strict decoding error: unknown field \"spec.foo\"");
    assertThat(refused(widget("bad", "mode: Odd"), "apply", "-f", "-"))
        .contains(
            "spec.mode: Unsupported value: \"Odd\": supported values: \"Adaptive\", \"Fixed\"");
    assertThat(refused(widget("bad", "min: 3"), "apply", "-f", "-"))
        .contains("min must not exceed replicas");
    assertThat(refused(widget("bad", "rules: [{name: a, size: 1Mi}]"), "apply", "-f", "-"))
        .contains("spec.rules[0].size: Invalid value: \"string\": size 1Mi is too small");
    ok(widget("fixed", "storage: {class: a}"), "apply", "-f", "-");
    assertThat(refused(widget("fixed", "storage: {class: b}"), "apply", "-f", "-"))
        .contains("class is immutable");
  }

  @Test
  void drivesDeployments() throws Exception {
    ok(deployment("web"), "apply", "-f", "-");
    assertThat(ok("", "get", "deploy", "web")).contains("0/1", "UP-TO-DATE");
    ok("", "rollout", "restart", "deploy/web");
    ok(deployment("web").replace("\"2\"", "\"3\""), "apply", "-f", "-");
    String yaml = ok("", "get", "deploy", "web", "-o", "yaml");
    assertThat(yaml).contains("kubectl.kubernetes.io/restartedAt", "value: \"3\"", "protocol: UDP");
    ok("", "set", "image", "deploy/web", "main=example/app:2");
    ok("", "annotate", "deploy", "web", "note=x");
    assertThat(refused(deployment("web").replace("image:", "imagee:"), "apply", "-f", "-"))
        .contains("unknown field \"spec.template.spec.containers[0].imagee\"");
    ok("", "delete", "deploy", "web", "--cascade=foreground");
  }

  @Test
  void appliesOnTheServerSide() throws Exception {
    String first =
        deployment("ssa").replace("spec:\n  selector", "spec:\n  replicas: 2\n  selector");
    ok(first, "apply", "--server-side", "-f", "-");
    String before = ok("", "get", "deploy", "ssa", "-o", "jsonpath={.metadata.resourceVersion}");
    ok(first, "apply", "--server-side", "-f", "-");
    assertThat(ok("", "get", "deploy", "ssa", "-o", "jsonpath={.metadata.resourceVersion}"))
        .isEqualTo(before);
    String other = first.replace("replicas: 2", "replicas: 5");
    assertThat(refused(other, "apply", "--server-side", "--field-manager=other", "-f", "-"))
        .contains("conflict with \"kubectl\"", ".spec.replicas");
    ok(other, "apply", "--server-side", "--field-manager=other", "--force-conflicts", "-f", "-");
    assertThat(ok("", "get", "deploy", "ssa", "-o", "jsonpath={.spec.replicas}")).isEqualTo("5");
  }

  @Test
  void answersQuestionsAboutItself() throws Exception {
    assertThat(ok("", "api-resources")).contains("widgets", "deployments", "leases");
    assertThat(ok("", "version")).contains("aetherflow-local");
    assertThat(ok("", "explain", "widget.spec.fec")).contains("ratioPercent");
    assertThat(ok("", "auth", "can-i", "create", "pods")).contains("yes");
    String token = ok("", "create", "sa", "robot") + ok("", "create", "token", "robot");
    String robot = token.substring(token.indexOf("sa.")).strip();
    assertThat(refused("", "--token=" + robot, "get", "pods"))
        .contains("pods is forbidden: User \"system:serviceaccount:default:robot\" cannot list");
    ok("", "create", "role", "reader", "--verb=get,list", "--resource=pods");
    ok("", "create", "rolebinding", "reader", "--role=reader", "--serviceaccount=default:robot");
    ok("", "--token=" + robot, "get", "pods");
    assertThat(ok("", "events")).contains("No events");
  }

  @Test
  void createsAndDeletesNamespaces() throws Exception {
    assertThat(refused("", "create", "cm", "x", "-n", "nowhere")).contains("not found");
    ok("", "create", "ns", "extra");
    ok("", "create", "cm", "x", "-n", "extra", "--from-literal=a=b");
    assertThat(ok("", "get", "cm", "-A")).contains("extra");
    ok("", "delete", "ns", "extra");
    assertThat(ok("", "get", "ns")).doesNotContain("extra");
  }

  @Test
  void watchesWithPrinterColumns() throws Exception {
    ProcessBuilder builder = new ProcessBuilder("kubectl", "get", "widgets", "-w");
    builder.environment().put("KUBECONFIG", server.kubeconfig().toString());
    builder.environment().put("HOME", directory.toString());
    Path seen = directory.resolve("watch.out");
    Process watch = builder.redirectErrorStream(true).redirectOutput(seen.toFile()).start();
    try {
      ok(widget("watched", "fec: {ratioPercent: 61}"), "apply", "-f", "-");
      await().atMost(Duration.ofSeconds(15)).until(() -> Files.readString(seen).contains("61"));
      ok(widget("watched", "fec: {ratioPercent: 62}"), "apply", "-f", "-");
      await().atMost(Duration.ofSeconds(15)).until(() -> Files.readString(seen).contains("62"));
    } finally {
      watch.destroy();
      watch.waitFor();
    }
    ok("", "delete", "widget", "watched");
  }

  @Test
  void aDrainHeedsTheDisruptionBudget() throws Exception {
    ok("apiVersion: v1\nkind: Node\nmetadata: {name: drained}", "apply", "-f", "-");
    for (String name : List.of("one", "other")) {
      ok(drained(name), "apply", "-f", "-");
      status(
          "pod",
          name,
          "{\"phase\":\"Running\",\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]}");
    }
    ok(
        """
        apiVersion: policy/v1
        kind: PodDisruptionBudget
        metadata: {name: drained}
        spec: {maxUnavailable: 1, selector: {matchLabels: {app: drained}}}
        """,
        "apply",
        "-f",
        "-");
    // As before the first eviction was counted.
    status(
        "pdb",
        "drained",
        "{\"observedGeneration\":1,\"desiredHealthy\":1,\"disruptionsAllowed\":1}");

    assertThat(refused("", "drain", "drained", "--force", "--timeout=2s"))
        .contains("Cannot evict pod as it would violate the pod's disruption budget");
    assertThat(ok("", "get", "pods", "-l", "app=drained", "-o", "name").lines()).hasSize(1);
    status("pdb", "drained", "{\"desiredHealthy\":0}");
    ok("", "drain", "drained", "--force");
    assertThat(ok("", "get", "pods", "-l", "app=drained", "-o", "name")).isEmpty();
  }

  private static String drained(String pod) {
    return """
    apiVersion: v1
    kind: Pod
    metadata: {name: %s, labels: {app: drained}}
    spec:
      nodeName: drained
      terminationGracePeriodSeconds: 0
      containers: [{name: main, image: "main:1"}]
    """
        .formatted(pod);
  }

  private static void status(String kind, String name, String status) throws Exception {
    String patch = "{\"status\":" + status + "}";
    ok("", "patch", kind, name, "--subresource=status", "--type=merge", "-p", patch);
  }
}
