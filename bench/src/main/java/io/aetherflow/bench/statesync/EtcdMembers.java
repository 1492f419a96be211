package io.aetherflow.bench.statesync;

import io.aetherflow.api.Tuning;
import io.aetherflow.bench.BenchFailure;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Real etcd members on loopback that force every write to the disk, set as the operator does. */
public final class EtcdMembers implements AutoCloseable {
  private static final long STOP_SECONDS = 10;

  private final List<Process> processes = new ArrayList<>();
  private final List<URI> endpoints;

  public EtcdMembers(int count, Path dir) throws IOException {
    List<String> peers =
        IntStream.range(0, count).mapToObj(i -> "http://127.0.0.1:" + freePort()).toList();
    endpoints =
        IntStream.range(0, count)
            .mapToObj(i -> URI.create("http://127.0.0.1:" + freePort()))
            .toList();
    String cluster =
        IntStream.range(0, count)
            .mapToObj(i -> "m" + i + "=" + peers.get(i))
            .collect(Collectors.joining(","));
    for (int i = 0; i < count; i++) {
      processes.add(
          new ProcessBuilder(
                  "etcd",
                  "--name=m" + i,
                  "--data-dir=" + dir.resolve("m" + i),
                  "--listen-client-urls=" + endpoints.get(i),
                  "--advertise-client-urls=" + endpoints.get(i),
                  "--listen-peer-urls=" + peers.get(i),
                  "--initial-advertise-peer-urls=" + peers.get(i),
                  "--initial-cluster=" + cluster,
                  "--snapshot-count=1000",
                  "--logger=zap")
              .redirectErrorStream(true)
              .redirectOutput(dir.resolve("m" + i + ".log").toFile())
              .start());
    }
  }

  public List<URI> endpoints() {
    return endpoints;
  }

  /** The configuration of a pod that uses these members, in a directory of that one. */
  public Path podConfig(Path dir) throws IOException {
    Path config = Files.createDirectories(dir.resolve("config"));
    Files.writeString(
        config.resolve("etcd-endpoints"),
        endpoints.stream().map(URI::toString).collect(Collectors.joining(",")));
    for (Map.Entry<String, String> entry : Tuning.DEFAULT.entries().entrySet()) {
      String file = entry.getKey().substring("/config/".length()).replace('/', '.');
      Files.writeString(config.resolve(file), entry.getValue());
    }
    return config;
  }

  /** Of all members together. */
  double cpuSeconds() {
    return processes.stream()
        .mapToDouble(each -> each.info().totalCpuDuration().orElseThrow().toNanos() / 1e9)
        .sum();
  }

  /** Of the member that had most resident; its part of the mapped database counts. */
  double peakMegabytes() throws IOException {
    double most = 0;
    for (Process process : processes) {
      most = Math.max(most, PeakMemory.megabytes(process));
    }
    return most;
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new BenchFailure("No free port on loopback.", e);
    }
  }

  @Override
  public void close() {
    processes.forEach(Process::destroyForcibly);
    processes.forEach(each -> each.onExit().orTimeout(STOP_SECONDS, TimeUnit.SECONDS).join());
  }
}
