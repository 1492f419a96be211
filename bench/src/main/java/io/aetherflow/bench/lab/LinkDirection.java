package io.aetherflow.bench.lab;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/**
 * Decides the fate of the packets of one direction and holds them until they are due. Sans-IO: the
 * caller reads into {@link #slot}, calls {@link #offer}, and sends {@link #head} when due. One
 * thread; the counters may be read from any.
 */
final class LinkDirection {
  static final int SLOT_BYTES = 2048;

  /** Caps the memory of one direction to 64 MB; 32,768 full packets are 3.9 s at 100 Mbit/s. */
  static final int SLOTS = 1 << 15;

  private static final int SLOT_MASK = SLOTS - 1;
  private static final long NOTHING_DUE = Long.MAX_VALUE;

  /** Lateness beyond this means the machine stopped, and is counted as this. */
  private static final long LATE_MAX_NS = 10_000_000_000L;

  private final LinkShape shape;
  private final double burstStart;
  private final RandomGenerator random;
  private final MemorySegment slots;
  private final long[] dueNs = new long[SLOTS];
  private final int[] lengths = new int[SLOTS];
  private final Recorder lateness = new Recorder(LATE_MAX_NS, 3);
  private final AtomicLong offeredPackets = new AtomicLong();
  private final AtomicLong offeredBytes = new AtomicLong();
  private final AtomicLong deliveredPackets = new AtomicLong();
  private final AtomicLong deliveredBytes = new AtomicLong();
  private final AtomicLong lostPackets = new AtomicLong();
  private final AtomicLong queueDrops = new AtomicLong();
  private final AtomicLong refusedPackets = new AtomicLong();
  private long head;
  private long tail;
  private long bottleneckFreeNs = Long.MIN_VALUE;
  private long lastDueNs = Long.MIN_VALUE;
  private int burstLeft;

  LinkDirection(LinkShape shape, RandomGenerator random, Arena arena) {
    this.shape = shape;
    this.random = random;
    burstStart = shape.burstStartProbability();
    slots = arena.allocate((long) SLOTS * SLOT_BYTES, 64);
  }

  /** Where the next packet is to be read to. */
  MemorySegment slot() {
    return slots.asSlice((tail & SLOT_MASK) * SLOT_BYTES, SLOT_BYTES);
  }

  /** Takes the packet in {@link #slot}, which arrived at {@code nowNs}. */
  void offer(int length, long nowNs) {
    add(offeredPackets, 1);
    add(offeredBytes, length);
    if (bottleneckFreeNs < nowNs) {
      bottleneckFreeNs = nowNs;
    }
    boolean full = tail - head == SLOTS - 1;
    if (full || shape.backlogBytes(bottleneckFreeNs - nowNs) > shape.queueBytes()) {
      add(queueDrops, 1);
      return;
    }
    bottleneckFreeNs += shape.serializationNs(length);
    if (isLost()) {
      add(lostPackets, 1);
      return;
    }
    long jitterNs = shape.jitterNs() == 0 ? 0 : random.nextLong(shape.jitterNs());
    lastDueNs = Math.max(lastDueNs, bottleneckFreeNs + shape.delayNs() + jitterNs);
    int index = (int) (tail++ & SLOT_MASK);
    dueNs[index] = lastDueNs;
    lengths[index] = length;
  }

  private boolean isLost() {
    if (burstLeft > 0) {
      burstLeft--;
      return true;
    }
    if (burstStart > 0 && random.nextDouble() < burstStart) {
      burstLeft = shape.lossBurstPackets() - 1;
      return true;
    }
    return false;
  }

  /** When the next packet is due, {@code Long.MAX_VALUE} if none waits. */
  long nextDueNs() {
    return head == tail ? NOTHING_DUE : dueNs[(int) (head & SLOT_MASK)];
  }

  /** The packet that is due next. */
  MemorySegment head() {
    return slots.asSlice((head & SLOT_MASK) * SLOT_BYTES, headLength());
  }

  int headLength() {
    return lengths[(int) (head & SLOT_MASK)];
  }

  /** The packet that was due next has been sent. */
  void delivered(long nowNs) {
    add(deliveredPackets, 1);
    add(deliveredBytes, headLength());
    leave(nowNs);
  }

  /** The packet that was due next was not taken by the receiving host. */
  void refused(long nowNs) {
    add(refusedPackets, 1);
    leave(nowNs);
  }

  private void leave(long nowNs) {
    lateness.recordValue(Math.clamp(nowNs - nextDueNs(), 0, LATE_MAX_NS));
    head++;
  }

  /** How late packets left since the last call, in nanoseconds. */
  Histogram takeLateness() {
    return lateness.getIntervalHistogram();
  }

  LinkCounters counters() {
    return new LinkCounters(
        offeredPackets.get(),
        offeredBytes.get(),
        deliveredPackets.get(),
        deliveredBytes.get(),
        lostPackets.get(),
        queueDrops.get(),
        refusedPackets.get());
  }

  /** The link thread alone writes, so no atomic addition is needed. */
  private static void add(AtomicLong counter, long amount) {
    counter.setRelease(counter.getPlain() + amount);
  }
}
