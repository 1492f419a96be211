package io.aetherflow.quantum.sim;

import java.util.Random;

/** One direction of a path, with everything that can happen to a datagram there. */
final class SimLink {
  static final long MS = 1_000_000;

  /** Bursts count datagrams; this ends them for someone who hardly sends. */
  private static final long BURST_MAX_NS = 200 * MS;

  /** Takes what arrives. */
  interface Sink {
    void onDatagram(byte[] datagram);
  }

  /** What a direction does; probabilities are 0 to 1, times nanoseconds. */
  static final class Traits {
    long delayNs = 25 * MS;
    long jitterNs;
    double loss;

    /** Gilbert model: chance to fall into a burst, and to leave it, per datagram. */
    double burstStart;

    double burstEnd = 1;
    double duplicate;
    double corrupt;
    double reorder;
    long reorderNs = 10 * MS;

    /** 0 for unlimited. */
    long bytesPerSecond;

    int queueBytes = 1 << 20;
    int mtuBytes = 1500;
  }

  final Traits traits;
  private final SimClock clock;
  private final Random random;
  private boolean inBurst;
  private long burstFromNs;
  private long busyUntilNs;
  long offered;
  long lost;
  long bytes;

  SimLink(SimClock clock, Random random, Traits traits) {
    this.clock = clock;
    this.random = random;
    this.traits = traits;
  }

  void send(byte[] buf, int length, Sink sink) {
    offered++;
    bytes += length + 28;
    if (length > traits.mtuBytes || isLost()) {
      lost++;
      return;
    }
    long delayNs = queueing(length);
    if (delayNs < 0) {
      lost++;
      return;
    }
    deliver(buf, length, delayNs, sink);
    if (traits.duplicate > 0 && random.nextDouble() < traits.duplicate) {
      deliver(buf, length, delayNs + random.nextLong(5 * MS), sink);
    }
  }

  private void deliver(byte[] buf, int length, long delayNs, Sink sink) {
    byte[] copy = java.util.Arrays.copyOf(buf, length);
    if (traits.corrupt > 0 && random.nextDouble() < traits.corrupt) {
      for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
        copy[random.nextInt(length)] ^= (byte) (1 << random.nextInt(8));
      }
    }
    long extraNs = traits.jitterNs > 0 ? random.nextLong(traits.jitterNs) : 0;
    if (traits.reorder > 0 && random.nextDouble() < traits.reorder) {
      extraNs += random.nextLong(traits.reorderNs);
    }
    clock.after(traits.delayNs + delayNs + extraNs, () -> sink.onDatagram(copy));
  }

  private boolean isLost() {
    if (inBurst) {
      boolean fresh = clock.nowNs() - burstFromNs < BURST_MAX_NS;
      inBurst = fresh && random.nextDouble() >= traits.burstEnd;
    } else if (traits.burstStart > 0) {
      inBurst = random.nextDouble() < traits.burstStart;
      burstFromNs = clock.nowNs();
    }
    return inBurst || traits.loss > 0 && random.nextDouble() < traits.loss;
  }

  /** Time in the queue and on the wire, or -1 if the queue is full. */
  private long queueing(int length) {
    if (traits.bytesPerSecond == 0) {
      return 0;
    }
    long startNs = Math.max(busyUntilNs, clock.nowNs());
    double waiting = (startNs - clock.nowNs()) / 1e9 * traits.bytesPerSecond;
    if (waiting + length > traits.queueBytes) {
      return -1;
    }
    busyUntilNs = startNs + (long) ((length + 28) * 1e9 / traits.bytesPerSecond);
    return busyUntilNs - clock.nowNs();
  }
}
