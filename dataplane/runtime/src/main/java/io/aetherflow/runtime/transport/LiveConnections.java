package io.aetherflow.runtime.transport;

import io.aetherflow.runtime.transport.ConnectionMetrics.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.LongStream;

/** The gauges over a pod's open connections, computed when somebody asks. Thread-safe. */
final class LiveConnections {
  /** Labels by the name that congestion control gives the phase. */
  private static final Map<String, String> PHASES =
      Map.of(
          "Startup", "startup",
          "Drain", "drain",
          "ProbeDown", "probe_down",
          "ProbeCruise", "probe_cruise",
          "ProbeRefill", "probe_refill",
          "ProbeUp", "probe_up",
          "ProbeRtt", "probe_rtt");

  private final Set<ConnectionMetrics> connections = ConcurrentHashMap.newKeySet();

  LiveConnections(MeterRegistry meters) {
    meters.gauge("quantum.connections", connections, Set::size);
    meters.gauge("quantum.inflight.bytes", this, all -> all.sum(Gauge.INFLIGHT_BYTES));
    meters.gauge("quantum.cwnd.bytes", this, all -> all.sum(Gauge.CWND_BYTES));
    meters.gauge(
        "quantum.pacing.bytes.per.second", this, all -> all.sum(Gauge.PACING_BYTES_PER_SECOND));
    meters.gauge("quantum.mtu.bytes", this, LiveConnections::smallestMtuBytes);
    meters.gauge("quantum.loss.ratio", this, LiveConnections::meanLossShare);
    meters.gauge("quantum.loss.ratio.max", this, LiveConnections::largestLossShare);
    PHASES.forEach((name, label) ->
        meters.gauge(
            "quantum.bbr.connections", Tags.of("phase", label), this, all -> all.inPhase(name)));
  }

  void add(ConnectionMetrics connection) {
    connections.add(connection);
  }

  void remove(ConnectionMetrics connection) {
    connections.remove(connection);
  }

  private LongStream values(Gauge gauge) {
    return connections.stream().mapToLong(connection -> connection.get(gauge));
  }

  private double sum(Gauge gauge) {
    return values(gauge).sum();
  }

  private double smallestMtuBytes() {
    return values(Gauge.MTU_BYTES).filter(bytes -> bytes > 0).min().orElse(0);
  }

  private double meanLossShare() {
    return connections.stream().mapToDouble(ConnectionMetrics::lossShare).average().orElse(0);
  }

  private double largestLossShare() {
    return connections.stream().mapToDouble(ConnectionMetrics::lossShare).max().orElse(0);
  }

  private double inPhase(String phase) {
    return connections.stream().filter(connection -> connection.phase().equals(phase)).count();
  }
}
