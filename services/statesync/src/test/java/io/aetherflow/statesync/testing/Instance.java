package io.aetherflow.statesync.testing;

import io.aetherflow.runtime.testing.EtcdServer;
import io.aetherflow.statesync.StateSyncMain;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A real statesync process on a loopback address of its own. */
public final class Instance implements AutoCloseable {
  private static final int PORT = 9091;

  private final String name;
  private final String ip;
  private final Process process;

  private Instance(String name, String ip, Process process) {
    this.name = name;
    this.ip = ip;
    this.process = process;
  }

  static Instance start(EtcdServer etcd, String name, String ip, Path dir) {
    try {
      Path config = Files.createDirectories(dir.resolve("config"));
      Files.writeString(config.resolve("etcd-endpoints"), etcd.endpoint().toString());
      ProcessBuilder builder =
          new ProcessBuilder(
                  List.of(
                      Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                      "-Xmx96m",
                      "-XX:+UseSerialGC",
                      "-cp",
                      System.getProperty("java.class.path"),
                      StateSyncMain.class.getName()))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(dir.resolve(name).toFile()));
      builder
          .environment()
          .putAll(
              Map.of(
                  "POD_NAME", name,
                  "POD_IP", ip,
                  "LISTEN_ADDRESS", ip,
                  "AETHERFLOW_SERVICE", "statesync-service",
                  "QUANTUM_CONFIG_DIR", config.toString()));
      return new Instance(name, ip, builder.start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public String name() {
    return name;
  }

  public String address() {
    return ip + ":" + PORT;
  }

  public void kill() {
    process.destroyForcibly();
    await();
  }

  /** As the kubelet does first: SIGTERM, an orderly end. */
  public void terminate() {
    process.destroy();
    await();
  }

  public void pause() {
    signal("STOP");
  }

  public void resume() {
    signal("CONT");
  }

  public boolean alive() {
    return process.isAlive();
  }

  private void signal(String signal) {
    try {
      Process kill = new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start();
      if (kill.waitFor() != 0) {
        throw new IllegalStateException("kill -" + signal + " of " + name + " failed");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private void await() {
    process.onExit().orTimeout(15, TimeUnit.SECONDS).join();
  }

  @Override
  public void close() {
    process.destroyForcibly();
    await();
  }
}
