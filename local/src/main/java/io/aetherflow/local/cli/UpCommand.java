package io.aetherflow.local.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** Applies the cluster's resource to a starting local Kubernetes and waits until it is Ready. */
@Command(name = "up")
final class UpCommand implements Callable<Integer> {
  /** Between looks at a server that another process starts; there is no event to wait for. */
  private static final long LOOK_MILLIS = 250;

  private static final String OPERATOR_PODS = "/api/v1/namespaces/aetherflow-system/pods";

  @ParentCommand private Cli cli;

  @Option(
      names = {"-f", "--file"},
      description = "resource to apply")
  private Path file;

  @Option(names = "--default", description = "applied when no cluster exists and no file is given")
  private Path fallback;

  @Option(names = "--supervisor", required = true, description = "process to wait for")
  private long supervisor;

  @Option(names = "--timeout-seconds", defaultValue = "240")
  private int timeoutSeconds;

  private final long startedNs = System.nanoTime();
  private final Terminal terminal = new Terminal(System.err, System.console() != null);
  private ApiClient api;

  @Override
  public Integer call() throws Exception {
    JsonNode clusters = waitForApi();
    if (file != null || clusters.path("items").isEmpty()) {
      applyAll(file != null ? file : fallback);
    }
    while (true) {
      clusters = api.get(ApiClient.CLUSTERS + ApiClient.PLURAL);
      JsonNode pending = firstNotReady(clusters);
      if (pending == null) {
        terminal.clear();
        new Closing(cli.state, seconds()).print(System.out, clusters, services(), token(clusters));
        return 0;
      }
      terminal.progress(seconds(), Progress.line(pending, pods(pending)));
      if (seconds() > timeoutSeconds) {
        terminal.clear();
        Diagnosis.print(System.err, pending, pods(pending), timeoutSeconds, cli.state);
        return 1;
      }
      pause();
    }
  }

  private JsonNode waitForApi() throws Exception {
    while (true) {
      try {
        api = cli.connect();
        return api.get(ApiClient.CLUSTERS + ApiClient.PLURAL);
      } catch (IOException notYet) {
        terminal.progress(seconds(), "starting the local Kubernetes API");
        if (seconds() > timeoutSeconds) {
          throw new IOException(
              "the local Kubernetes API did not answer within "
                  + timeoutSeconds
                  + " s; see "
                  + cli.state.resolve("logs/local.out"),
              notYet);
        }
      }
      pause();
    }
  }

  private void applyAll(Path source) throws Exception {
    YAMLMapper yaml = new YAMLMapper();
    ObjectMapper json = new ObjectMapper();
    try (MappingIterator<ObjectNode> documents =
        yaml.readerFor(ObjectNode.class).readValues(Files.readString(source))) {
      while (documents.hasNext()) {
        ObjectNode document = documents.next();
        if (document != null) {
          api.apply(pathOf(document, source), json.writeValueAsString(document));
        }
      }
    }
  }

  private static String pathOf(JsonNode document, Path source) throws IOException {
    if (!document.path("kind").asText().equals("AetherFlowCluster")) {
      throw new IOException(
          source
              + " holds a "
              + document.path("kind").asText("document without a kind")
              + "; 'up -f' takes AetherFlowCluster resources, apply others with kubectl");
    }
    return ApiClient.CLUSTERS
        + "namespaces/"
        + document.at("/metadata/namespace").asText("default")
        + "/"
        + ApiClient.PLURAL
        + "/"
        + document.at("/metadata/name").asText();
  }

  /**
   * The status is the operator's word from before a restart until the operator itself runs again,
   * so the pods and the operator have to be ready too.
   */
  private JsonNode firstNotReady(JsonNode clusters) throws IOException, InterruptedException {
    boolean operator = Progress.allReady(api.get(OPERATOR_PODS));
    for (JsonNode cluster : clusters.path("items")) {
      if (!operator || !Progress.ready(cluster) || !Progress.allReady(pods(cluster))) {
        return cluster;
      }
    }
    return null;
  }

  /** Not those that only watch: no image of theirs runs here, and the cluster serves without. */
  private JsonNode pods(JsonNode cluster) throws IOException, InterruptedException {
    return api.get(
        "/api/v1/namespaces/"
            + cluster.at("/metadata/namespace").asText()
            + "/pods?labelSelector=app.kubernetes.io/component%20notin%20"
            + "(prometheus%2Calertmanager%2Cgrafana)%2Capp.kubernetes.io/instance%3D"
            + cluster.at("/metadata/name").asText());
  }

  /** For the pages, to whoever may read the cluster's secret anyway. */
  private String token(JsonNode clusters) throws IOException, InterruptedException {
    String cluster = clusters.path("items").path(0).at("/metadata/name").asText();
    return Tokens.sign(
        Tokens.secret(api, cluster), "you", true, Instant.now(), Duration.ofHours(12));
  }

  private JsonNode services() throws IOException, InterruptedException {
    return api.get("/api/v1/services");
  }

  private void pause() throws IOException, InterruptedException {
    if (ProcessHandle.of(supervisor).filter(ProcessHandle::isAlive).isEmpty()) {
      throw new IOException(
          "the local Kubernetes ended; its last words are in "
              + cli.state.resolve("logs/local.out"));
    }
    TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
  }

  private long seconds() {
    return TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startedNs);
  }
}
