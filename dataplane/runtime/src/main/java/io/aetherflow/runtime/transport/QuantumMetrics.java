package io.aetherflow.runtime.transport;

import io.aetherflow.quantum.connection.ConnectionTrace;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * The {@code quantum_*} metrics, summed over a pod's connections. Thread-safe, allocates nothing.
 */
final class QuantumMetrics implements ConnectionTrace {
  private final Counter sent;
  private final Counter sentBytes;
  private final Counter received;
  private final Counter receivedBytes;
  private final Counter lost;
  private final Counter spuriousLosses;
  private final Counter retransmissions;
  private final Counter repairs;
  private final Counter recoveries;
  private final Counter peerRecoveries;
  private final Timer rtt;

  QuantumMetrics(MeterRegistry meters) {
    sent = meters.counter("quantum.packets.sent");
    sentBytes = meters.counter("quantum.sent.bytes");
    received = meters.counter("quantum.packets.received");
    receivedBytes = meters.counter("quantum.received.bytes");
    lost = meters.counter("quantum.packets.lost");
    spuriousLosses = meters.counter("quantum.spurious.losses");
    retransmissions = meters.counter("quantum.retransmissions");
    repairs = meters.counter("quantum.fec.repairs.sent");
    recoveries = meters.counter("quantum.fec.recoveries");
    peerRecoveries = meters.counter("quantum.fec.peer.recoveries");
    rtt =
        Timer.builder("quantum.rtt")
            .publishPercentileHistogram()
            .minimumExpectedValue(Duration.ofNanos(50_000))
            .maximumExpectedValue(Duration.ofSeconds(2))
            .register(meters);
  }

  @Override
  public void onPacketSent(long number, int bytes, boolean inFlight, long nowNs) {
    sent.increment();
    sentBytes.increment(bytes);
  }

  @Override
  public void onPacketReceived(long number, int bytes, long nowNs) {
    received.increment();
    receivedBytes.increment(bytes);
  }

  @Override
  public void onPacketLost(long number, int bytes, long sentNs, long nowNs) {
    lost.increment();
  }

  @Override
  public void onSpuriousLoss(long number, int bytes, long nowNs) {
    spuriousLosses.increment();
  }

  @Override
  public void onPeerRecovered(long number, int bytes, boolean wasLost, long nowNs) {
    peerRecoveries.increment();
  }

  @Override
  public void onRecovered(long number, long nominalNs, long nowNs) {
    recoveries.increment();
  }

  @Override
  public void onRetransmission(long number, boolean probe, long nowNs) {
    retransmissions.increment();
  }

  @Override
  public void onRepairSent(long number, int sources, long nowNs) {
    repairs.increment();
  }

  @Override
  public void onRtt(long sampleNs, long nowNs) {
    rtt.record(sampleNs, TimeUnit.NANOSECONDS);
  }
}
