package io.aetherflow.bench.lab;

import io.aetherflow.bench.BenchFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** Where client and server of a benchmark run: two hosts of a lab, or this machine's loopback. */
public sealed interface Site extends AutoCloseable {
  /** Words to put before the client's command. */
  List<String> onClient();

  /** Words to put before the server's command. */
  List<String> onServer();

  /** Where the server is to listen. */
  String serverAddress();

  /**
   * Makes it ready for a subject.
   *
   * @param congestion name of the subject's congestion control, which TCP takes from the system
   */
  void prepare(String congestion);

  @Override
  void close();

  /** A lab with this link; the seed decides which packets are lost. */
  static Lab lab(LinkShape shape, long seed) throws InterruptedException {
    return new Lab(NetworkLab.open(shape, seed));
  }

  /** Two namespaces with a link between them. */
  record Lab(NetworkLab network) implements Site {
    private static final Set<String> TCP_CONTROLS = Set.of("bbr", "cubic", "reno");

    @Override
    public List<String> onClient() {
      return network.onClient();
    }

    @Override
    public List<String> onServer() {
      return network.onServer();
    }

    @Override
    public String serverAddress() {
      return NetworkLab.SERVER_ADDRESS;
    }

    /** Also what every busy server sets: windows survive a pause, nothing is remembered. */
    @Override
    public void prepare(String congestion) {
      if (TCP_CONTROLS.contains(congestion)) {
        network.setTcpCongestionControl(congestion);
      }
      network.setOnBoth("net.ipv4.tcp_slow_start_after_idle", "0");
      network.setOnBoth("net.ipv4.tcp_no_metrics_save", "1");
    }

    @Override
    public void close() {
      network.close();
    }
  }

  /** The loopback of this machine, whose settings are left alone. */
  record Loopback() implements Site {
    private static final Path CONGESTION_CONTROL =
        Path.of("/proc/sys/net/ipv4/tcp_congestion_control");

    /** What TCP uses here. */
    public static String tcpCongestionControl() {
      try {
        return Files.readString(CONGESTION_CONTROL).strip();
      } catch (IOException e) {
        throw new BenchFailure("Cannot read " + CONGESTION_CONTROL + ": benchmarks need Linux.", e);
      }
    }

    @Override
    public List<String> onClient() {
      return List.of();
    }

    @Override
    public List<String> onServer() {
      return List.of();
    }

    @Override
    public String serverAddress() {
      return "127.0.0.1";
    }

    @Override
    public void prepare(String congestion) {}

    @Override
    public void close() {}
  }
}
