package io.aetherflow.quantum.congestion;

import java.util.Random;

/**
 * A drop-tail queue before a link of some rate, with random loss in front of it or behind it and,
 * instead of the queue, a token-bucket policer. Counts why packets were dropped.
 */
final class Bottleneck {
  static final long DROPPED = -1;

  private final Simulation sim;
  private final Random random;
  private final long queueBytes;
  private double bytesPerNs;
  private double randomLoss;
  private boolean lossBehindQueue;
  private long busyUntilNs;

  private double policedBytesPerNs;
  private double bucketBytes;
  private double tokens;
  private long tokensAtNs;

  long arrivals;
  long randomDrops;
  long overflowDrops;
  long policerDrops;
  double queueNsSum;

  Bottleneck(Simulation sim, long seed, double megabitsPerSecond, long queueBytes) {
    this.sim = sim;
    random = new Random(seed);
    this.queueBytes = queueBytes;
    bytesPerNs = megabitsPerSecond / 8000;
  }

  Simulation sim() {
    return sim;
  }

  Bottleneck randomLoss(double share) {
    randomLoss = share;
    return this;
  }

  Bottleneck lossBehindQueue() {
    lossBehindQueue = true;
    return this;
  }

  Bottleneck policer(double megabitsPerSecond, long bucketBytes) {
    policedBytesPerNs = megabitsPerSecond / 8000;
    this.bucketBytes = bucketBytes;
    tokens = bucketBytes;
    return this;
  }

  void setRate(double megabitsPerSecond) {
    long queued = Math.max(busyUntilNs - sim.nowNs(), 0);
    busyUntilNs = sim.nowNs() + (long) (queued * bytesPerNs / (megabitsPerSecond / 8000));
    bytesPerNs = megabitsPerSecond / 8000;
  }

  /** Starts counting afresh. */
  void resetCounts() {
    arrivals = 0;
    randomDrops = 0;
    overflowDrops = 0;
    policerDrops = 0;
    queueNsSum = 0;
  }

  /** Share of arrivals that the queue or the policer refused: what the senders did themselves. */
  double selfInflictedLoss() {
    return (double) (overflowDrops + policerDrops) / arrivals;
  }

  double meanQueueMs() {
    return queueNsSum / arrivals / 1e6;
  }

  /** When the packet leaves the link, or {@link #DROPPED}. */
  long admit(int bytes) {
    arrivals++;
    boolean unlucky = random.nextDouble() < randomLoss;
    if (unlucky && !lossBehindQueue) {
      randomDrops++;
      return DROPPED;
    }
    if (policedBytesPerNs > 0 && !takeTokens(bytes)) {
      policerDrops++;
      return DROPPED;
    }
    long waitNs = Math.max(busyUntilNs - sim.nowNs(), 0);
    if (waitNs * bytesPerNs + bytes > queueBytes) {
      overflowDrops++;
      return DROPPED;
    }
    queueNsSum += waitNs;
    busyUntilNs = sim.nowNs() + waitNs + (long) (bytes / bytesPerNs);
    if (unlucky) {
      randomDrops++;
      return DROPPED;
    }
    return busyUntilNs;
  }

  private boolean takeTokens(int bytes) {
    long nowNs = sim.nowNs();
    tokens = Math.min(bucketBytes, tokens + (nowNs - tokensAtNs) * policedBytesPerNs);
    tokensAtNs = nowNs;
    if (tokens < bytes) {
      return false;
    }
    tokens -= bytes;
    return true;
  }
}
