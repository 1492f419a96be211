package io.aetherflow.operator.etcd;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;

/** A real etcd on loopback, with its data in a directory of the test's. */
public final class EtcdProcess implements AutoCloseable {
  private final Path data;
  private final List<String> flags;
  private String endpoint;
  private String peer;
  private Process process;

  /**
   * @param flags given to etcd beside its addresses
   */
  public EtcdProcess(Path data, String... flags) throws IOException {
    this.data = data;
    this.flags = List.of(flags);
    // Between the choice of a port and its use another process may take it.
    do {
      choosePorts();
      launch();
    } while (!answersOrEnds());
  }

  private void choosePorts() throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    try (ServerSocket first = new ServerSocket(0, 1, loopback);
        ServerSocket second = new ServerSocket(0, 1, loopback)) {
      endpoint = "http://127.0.0.1:" + first.getLocalPort();
      peer = "http://127.0.0.1:" + second.getLocalPort();
    }
  }

  private boolean answersOrEnds() {
    Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> !process.isAlive() || answers());
    return process.isAlive();
  }

  public String endpoint() {
    return endpoint;
  }

  public void start() throws IOException {
    launch();
    Awaitility.await().atMost(Duration.ofSeconds(20)).until(this::answers);
  }

  private void launch() throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "etcd",
                "--name=solo",
                "--data-dir=" + data.resolve("member"),
                "--listen-client-urls=" + endpoint,
                "--advertise-client-urls=" + endpoint,
                "--listen-peer-urls=" + peer,
                "--initial-advertise-peer-urls=" + peer,
                "--initial-cluster=solo=" + peer));
    command.addAll(flags);
    process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(Files.createDirectories(data).resolve("etcd.log").toFile())
            .start();
  }

  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  private boolean answers() throws InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest request = HttpRequest.newBuilder(URI.create(endpoint + "/health")).build();
      return http.send(request, HttpResponse.BodyHandlers.ofString()).body().contains("true");
    } catch (IOException e) {
      return false;
    }
  }

  /** Asks through the HTTP gateway. */
  void post(String path, String body) throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(endpoint + path))
              .POST(HttpRequest.BodyPublishers.ofString(body))
              .build();
      http.send(request, HttpResponse.BodyHandlers.ofString());
    }
  }

  @Override
  public void close() throws InterruptedException {
    kill();
  }
}
