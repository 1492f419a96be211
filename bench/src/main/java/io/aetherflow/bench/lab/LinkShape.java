package io.aetherflow.bench.lab;

/**
 * One direction of an emulated link: bottleneck with its queue, then loss, then delay, as tbf in
 * front of a lossy line. So a lost packet has taken its time on the bottleneck. Packets keep their
 * order whatever the jitter.
 *
 * @param delayNs fixed one-way delay after the bottleneck
 * @param jitterNs up to this much is added, evenly spread
 * @param lossProbability share of packets lost after the bottleneck, 0 to 1
 * @param lossBurstPackets consecutive packets that one loss event takes; 1 is independent loss
 * @param rateBitsPerSecond bottleneck rate of IP packets, 0 for none
 * @param queueBytes what may wait for the bottleneck
 */
public record LinkShape(
    long delayNs,
    long jitterNs,
    double lossProbability,
    int lossBurstPackets,
    long rateBitsPerSecond,
    long queueBytes) {
  private static final double BITS_PER_BYTE = 8;
  private static final double NANOS_PER_SECOND = 1e9;

  /** Checks ranges; the message says what is allowed. */
  public LinkShape {
    if (delayNs < 0 || jitterNs < 0 || rateBitsPerSecond < 0 || queueBytes < 0) {
      throw new IllegalArgumentException("delay, jitter, rate and queue must not be negative");
    }
    if (lossBurstPackets < 1 || lossProbability < 0 || lossProbability >= 1) {
      throw new IllegalArgumentException("loss must be 0% to below 100%, in bursts of 1 or more");
    }
  }

  /** Chance that a packet starts a burst, so that the share of lost packets is the probability. */
  double burstStartProbability() {
    return lossProbability
        / (lossBurstPackets - lossBurstPackets * lossProbability + lossProbability);
  }

  /** How long the bottleneck needs for a packet. */
  long serializationNs(int bytes) {
    return rateBitsPerSecond == 0
        ? 0
        : Math.round(bytes * BITS_PER_BYTE * NANOS_PER_SECOND / rateBitsPerSecond);
  }

  /** How much waits if the bottleneck is busy for another {@code busyNs}. */
  double backlogBytes(long busyNs) {
    return busyNs * (double) rateBitsPerSecond / BITS_PER_BYTE / NANOS_PER_SECOND;
  }
}
