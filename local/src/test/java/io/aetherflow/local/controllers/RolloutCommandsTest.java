package io.aetherflow.local.controllers;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.local.server.ApiServer;
import io.aetherflow.local.server.ApiServerOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** kubectl's {@code rollout} commands against the controllers; skipped without kubectl. */
@Timeout(120)
class RolloutCommandsTest {
  @TempDir Path directory;

  private ApiServer server;
  private FakeKubelet kubelet;
  private Controllers controllers;

  @BeforeEach
  void start() throws Exception {
    boolean present =
        List.of(System.getenv("PATH").split(":")).stream()
            .anyMatch(dir -> Files.isExecutable(Path.of(dir, "kubectl")));
    Assumptions.assumeTrue(present, "kubectl is not on the PATH; install it to run this test");
    server = ApiServer.start(ApiServerOptions.of(directory.resolve("state"), 0));
    kubelet = new FakeKubelet(server.objects());
    controllers =
        Controllers.start(server.objects(), directory.resolve("volumes"), Clock.systemUTC());
  }

  @AfterEach
  void stop() throws Exception {
    if (controllers != null) {
      controllers.close();
      kubelet.close();
      server.close();
    }
  }

  private String kubectl(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("kubectl"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("KUBECONFIG", server.kubeconfig().toString());
    builder.environment().put("HOME", directory.toString());
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(String.join(" ", arguments) + "\n" + output).isZero();
    return output;
  }

  private String image(String workload) throws Exception {
    return kubectl("get", workload, "-o", "jsonpath={..containers[0].image}");
  }

  private void updateRestartAndUndo(String workload) throws Exception {
    kubectl("rollout", "status", workload, "--timeout=20s");
    kubectl("set", "image", workload, "main=app:2");
    kubectl("rollout", "status", workload, "--timeout=20s");
    assertThat(image("pods")).isEqualTo("app:2 app:2");
    assertThat(kubectl("rollout", "history", workload)).contains("1", "2");
    kubectl("rollout", "undo", workload);
    kubectl("rollout", "status", workload, "--timeout=20s");
    assertThat(image("pods")).isEqualTo("app:1 app:1");
    kubectl("rollout", "restart", workload);
    kubectl("rollout", "status", workload, "--timeout=20s");
    assertThat(kubectl("rollout", "history", workload)).contains("4");
    kubectl("scale", workload, "--replicas=1");
    kubectl("rollout", "status", workload, "--timeout=20s");
    kubectl("delete", workload, "--timeout=20s");
    kubectl("wait", "--for=delete", "pod", "--all", "--timeout=20s");
    assertThat(kubectl("get", "pods")).contains("No resources found");
  }

  @Test
  void ofADeployment() throws Exception {
    server.objects().create(Samples.deployment("web", 2));
    updateRestartAndUndo("deployment/web");
  }

  @Test
  void ofAStatefulSet() throws Exception {
    server.objects().create(Samples.statefulSet("db", 2, "OrderedReady"));
    updateRestartAndUndo("statefulset/db");
  }

  @Test
  void aBrokenRolloutIsSeenAndUndone() throws Exception {
    server.objects().create(Samples.deployment("web", 2));
    kubectl("rollout", "status", "deployment/web", "--timeout=20s");
    kubectl("set", "image", "deployment/web", "main=bad:1");
    kubectl("wait", "--for=jsonpath={.status.updatedReplicas}=1", "deployment/web");
    assertThat(kubectl("get", "deployment/web")).contains("2/2");
    kubectl("rollout", "undo", "deployment/web");
    kubectl("rollout", "status", "deployment/web", "--timeout=20s");
    assertThat(kubectl("describe", "deployment/web")).contains("NewReplicaSetAvailable");
  }
}
