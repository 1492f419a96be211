package io.aetherflow.bench.statesync;

import io.aetherflow.api.statesync.v1.LocateDocumentRequest;
import io.aetherflow.api.statesync.v1.RoutingServiceGrpc;
import io.aetherflow.bench.BenchFailure;
import io.aetherflow.statesync.StateSyncMain;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** A statesync instance in a process of its own, with the flags of a Production pod. */
final class Instance implements AutoCloseable {
  private static final int PORT = 9091;
  private static final Duration START_TIMEOUT = Duration.ofSeconds(60);

  private final Process process;
  private final Path log;
  private final InetSocketAddress address;

  Instance(Path config, Path dir) throws IOException {
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

  void awaitServing(Channel channel, String document) throws InterruptedException, IOException {
    long deadlineNs = System.nanoTime() + START_TIMEOUT.toNanos();
    while (System.nanoTime() < deadlineNs && process.isAlive()) {
      try {
        if (RoutingServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(1, TimeUnit.SECONDS)
                .locateDocument(LocateDocumentRequest.newBuilder().setDocument(document).build())
                .getEpoch()
            > 0) {
          return;
        }
      } catch (StatusRuntimeException e) {
        // It is starting.
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
    throw new BenchFailure("The statesync instance does not serve: " + Files.readString(log));
  }

  double cpuSeconds() {
    return process.info().totalCpuDuration().orElseThrow().toNanos() / 1e9;
  }

  /** The most memory it ever had resident. */
  double peakMegabytes() throws IOException {
    return PeakMemory.megabytes(process);
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().orTimeout(10, TimeUnit.SECONDS).join();
  }
}
