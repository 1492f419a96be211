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
import org.awaitility.Awaitility;

/** A real etcd on loopback, with its data in a directory of the test's. */
final class EtcdProcess implements AutoCloseable {
  private final Path data;
  private String endpoint;
  private String peer;
  private Process process;

  EtcdProcess(Path data) throws IOException {
    this.data = data;
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

  String endpoint() {
    return endpoint;
  }

  void start() throws IOException {
    launch();
    Awaitility.await().atMost(Duration.ofSeconds(20)).until(this::answers);
  }

  private void launch() throws IOException {
    process =
        new ProcessBuilder(
                "etcd",
                "--name=solo",
                "--data-dir=" + data.resolve("member"),
                "--listen-client-urls=" + endpoint,
                "--advertise-client-urls=" + endpoint,
                "--listen-peer-urls=" + peer,
                "--initial-advertise-peer-urls=" + peer,
                "--initial-cluster=solo=" + peer)
            .redirectErrorStream(true)
            .redirectOutput(Files.createDirectories(data).resolve("etcd.log").toFile())
            .start();
  }

  void kill() throws InterruptedException {
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

  @Override
  public void close() throws InterruptedException {
    kill();
  }
}
