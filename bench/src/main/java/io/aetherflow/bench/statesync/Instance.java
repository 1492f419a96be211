package io.aetherflow.bench.statesync;

import io.aetherflow.bench.BenchFailure;
import io.aetherflow.statesync.StateSyncMain;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** A statesync instance in a process of its own, with the flags of a Production pod. */
final class Instance implements AutoCloseable {
  private static final int PORT = 9091;
  private static final Duration END_TIMEOUT = Duration.ofSeconds(120);

  private final Process process;
  private final Path log;
  private final InetSocketAddress address;

  /**
   * @param flags of the JVM besides those of a Production pod
   */
  Instance(Path config, Path dir, List<String> flags) throws IOException {
    String ip = loopbackAddress();
    address = InetSocketAddress.createUnresolved(ip, PORT);
    log = dir.resolve("instance.log");
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx384m",
                "-Xss512k",
                "-XX:-UsePerfData",
                "-XX:+UseG1GC",
                "-XX:MaxTenuringThreshold=2",
                "--add-modules=jdk.incubator.vector",
                "-cp",
                System.getProperty("java.class.path"),
                StateSyncMain.class.getName())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder
        .environment()
        .putAll(
            Map.of(
                "POD_NAME",
                "statesync-0",
                "POD_IP",
                ip,
                "LISTEN_ADDRESS",
                ip,
                "AETHERFLOW_SERVICE",
                "statesync-service",
                "QUANTUM_CONFIG_DIR",
                config.toString()));
    builder.command().addAll(1, flags);
    process = builder.start();
  }

  /** Of its own, so that its ports are free. */
  private static String loopbackAddress() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    return "127." + random.nextInt(1, 255) + "." + random.nextInt(1, 255) + ".1";
  }

  InetSocketAddress address() {
    return address;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  String log() throws IOException {
    return Files.readString(log);
  }

  double cpuSeconds() {
    return process.info().totalCpuDuration().orElseThrow().toNanos() / 1e9;
  }

  /** The most memory it ever had resident. */
  double peakMegabytes() throws IOException {
    return PeakMemory.megabytes(process);
  }

  /** Orderly, as a pod's end; a cache is written on the way. */
  void end() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(END_TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
      throw new BenchFailure("The statesync instance does not end.");
    }
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().orTimeout(10, TimeUnit.SECONDS).join();
  }
}
