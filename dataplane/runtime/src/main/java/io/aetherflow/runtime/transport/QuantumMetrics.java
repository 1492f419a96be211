package io.aetherflow.runtime.transport;

import io.aetherflow.quantum.TransportError;
import io.aetherflow.quantum.connection.CloseReason;
import io.aetherflow.quantum.connection.ConnectionTrace;
import io.aetherflow.quantum.connection.DropReason;
import io.aetherflow.quantum.endpoint.EndpointTrace;
import io.aetherflow.quantum.packet.Guuid;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/**
 * The {@code quantum_*} metrics, summed over a pod's connections; {@code docs/metrics.md} lists
 * them. Every label value that the program itself can choose exists from the start, so that a rate
 * counts its first event too. Thread-safe, allocates per connection only.
 */
final class QuantumMetrics implements EndpointTrace {
  final Counter sent;
  final Counter sentBytes;
  final Counter received;
  final Counter receivedBytes;
  final Counter lost;
  final Counter spuriousLosses;
  final Counter retransmissions;
  final Counter probes;
  final Counter sources;
  final Counter repairs;
  final Counter recoveries;
  final Counter peerRecoveries;
  final Counter pathChanges;
  final Timer rtt;
  final Timer recovery;
  final Timer handshake;

  private final MeterRegistry meters;
  private final LiveConnections live;
  private final Map<DropReason, Counter> drops;
  private final Map<Answer, Counter> answers;
  private final Counter openedHere;
  private final Counter openedByPeers;

  QuantumMetrics(MeterRegistry meters) {
    this.meters = meters;
    live = new LiveConnections(meters);
    sent = meters.counter("quantum.packets.sent");
    sentBytes = meters.counter("quantum.sent.bytes");
    received = meters.counter("quantum.packets.received");
    receivedBytes = meters.counter("quantum.received.bytes");
    lost = meters.counter("quantum.packets.lost");
    spuriousLosses = meters.counter("quantum.spurious.losses");
    retransmissions = meters.counter("quantum.retransmissions", "kind", "fast");
    probes = meters.counter("quantum.retransmissions", "kind", "probe");
    sources = meters.counter("quantum.fec.sources.sent");
    repairs = meters.counter("quantum.fec.repairs.sent");
    recoveries = meters.counter("quantum.fec.recoveries");
    peerRecoveries = meters.counter("quantum.fec.peer.recoveries");
    pathChanges = meters.counter("quantum.path.changes");
    rtt = histogram("quantum.rtt");
    recovery = histogram("quantum.fec.recovery");
    handshake = histogram("quantum.handshake");
    openedHere = meters.counter("quantum.connections.opened", "side", "client");
    openedByPeers = meters.counter("quantum.connections.opened", "side", "server");
    drops = each(DropReason.class, reason -> counter("quantum.packets.dropped", "reason", reason));
    answers = each(Answer.class, answer -> counter("quantum.answers.sent", "kind", answer));
    each(CloseReason.Cause.class, cause -> closed(new CloseReason(cause, 0, "")));
  }

  private Timer histogram(String name) {
    return Timer.builder(name)
        .publishPercentileHistogram()
        .minimumExpectedValue(Duration.ofNanos(50_000))
        .maximumExpectedValue(Duration.ofSeconds(2))
        .register(meters);
  }

  private static <E extends Enum<E>> Map<E, Counter> each(
      Class<E> type, Function<E, Counter> counter) {
    Map<E, Counter> counters = new EnumMap<>(type);
    for (E value : type.getEnumConstants()) {
      counters.put(value, counter.apply(value));
    }
    return counters;
  }

  private Counter counter(String name, String label, Enum<?> value) {
    return meters.counter(name, label, label(value));
  }

  private Counter closed(CloseReason reason) {
    return meters.counter(
        "quantum.connections.closed",
        "cause",
        label(reason.cause()),
        "error",
        error(reason.errorCode()));
  }

  /** A peer chooses the code, so codes that we do not know share one label. */
  private static String error(long code) {
    if (code >= TransportError.APPLICATION_MIN) {
      return "application";
    }
    for (TransportError error : TransportError.values()) {
      if (error.code() == code) {
        return label(error);
      }
    }
    return "unknown";
  }

  private static String label(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public ConnectionTrace onConnection(Guuid guuid, boolean client, long nowNs) {
    (client ? openedHere : openedByPeers).increment();
    ConnectionMetrics connection = new ConnectionMetrics(this);
    live.add(connection);
    return connection;
  }

  @Override
  public void onDropped(DropReason reason, int bytes, long nowNs) {
    drops.get(reason).increment();
  }

  @Override
  public void onAnswered(Answer answer, long nowNs) {
    answers.get(answer).increment();
  }

  void onClosed(ConnectionMetrics connection, CloseReason reason) {
    live.remove(connection);
    closed(reason).increment();
  }
}
