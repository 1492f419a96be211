package io.aetherflow.runtime.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A real etcd process on loopback; not thread-safe. */
public final class EtcdServer implements AutoCloseable {
  private final Path dir;
  private final int clientPort;
  private final int peerPort;
  private final Optional<Path> tlsDir;
  private Process process;

  private EtcdServer(Path dir, Optional<Path> tlsDir, int clientPort, int peerPort) {
    this.dir = dir;
    this.tlsDir = tlsDir;
    this.clientPort = clientPort;
    this.peerPort = peerPort;
  }

  /** Prepares a server without starting it, on ports that were free a moment ago. */
  public static EtcdServer prepare() {
    return prepare(Optional.empty());
  }

  /**
   * The same with mutual TLS for clients.
   *
   * @param tlsDir holds {@code ca.crt}, {@code server.crt} and {@code server.key}
   */
  public static EtcdServer secure(Path tlsDir) {
    return prepare(Optional.of(tlsDir));
  }

  private static EtcdServer prepare(Optional<Path> tlsDir) {
    try {
      return new EtcdServer(Files.createTempDirectory("etcd-test"), tlsDir, freePort(), freePort());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static EtcdServer running() {
    EtcdServer server = prepare();
    server.start();
    return server;
  }

  public URI endpoint() {
    return URI.create((tlsDir.isPresent() ? "https" : "http") + "://127.0.0.1:" + clientPort);
  }

  /** Starts, or starts again with the same data. */
  public void start() {
    String peer = "http://127.0.0.1:" + peerPort;
    List<String> command =
        new ArrayList<>(
            List.of(
                "etcd",
                "--name=test",
                "--data-dir=" + dir.resolve("data"),
                "--listen-client-urls=" + endpoint(),
                "--advertise-client-urls=" + endpoint(),
                "--listen-peer-urls=" + peer,
                "--initial-advertise-peer-urls=" + peer,
                "--initial-cluster=test=" + peer,
                "--heartbeat-interval=50",
                "--election-timeout=500",
                "--logger=zap"));
    tlsDir.ifPresent(tls -> {
      command.add("--client-cert-auth");
      command.add("--trusted-ca-file=" + tls.resolve("ca.crt"));
      command.add("--cert-file=" + tls.resolve("server.crt"));
      command.add("--key-file=" + tls.resolve("server.key"));
    });
    try {
      process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(dir.resolve("log").toFile()))
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start etcd; './aetherflow test' installs it", e);
    }
  }

  /** As {@code kill -9}. */
  public void kill() {
    process.destroyForcibly();
    process.onExit().orTimeout(10, TimeUnit.SECONDS).join();
  }

  /** Forgets everything; call it between {@link #kill} and {@link #start}. */
  public void loseData() {
    delete(dir.resolve("data"));
  }

  @Override
  public void close() {
    if (process != null) {
      kill();
    }
    delete(dir);
  }

  private static void delete(Path root) {
    if (!Files.exists(root)) {
      return;
    }
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
