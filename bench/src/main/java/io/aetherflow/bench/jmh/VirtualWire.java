package io.aetherflow.bench.jmh;

import io.aetherflow.quantum.connection.ConnectionConfig;
import java.util.SplittableRandom;

/**
 * One direction of an emulated path in virtual time: a bottleneck with a drop-tail queue, then
 * random loss, then delay. Times are nanoseconds. Allocates nothing after construction. Not
 * thread-safe.
 */
final class VirtualWire {
  static final long NEVER = Long.MAX_VALUE;

  /** 100 Mbit/s. */
  private static final long BYTES_PER_SECOND = 12_500_000;

  private static final long DELAY_NS = 25_000_000;
  private static final long QUEUE_NS_MAX = 50_000_000;
  private static final long NS_PER_SECOND = 1_000_000_000;

  /** In the queue and on the way; more than full-size ones and their acknowledgements need. */
  private static final int DATAGRAMS_MAX = 4096;

  private final byte[][] datagrams = new byte[DATAGRAMS_MAX][ConnectionConfig.DATAGRAM_BYTES];
  private final int[] lengths = new int[DATAGRAMS_MAX];
  private final long[] arrivalNs = new long[DATAGRAMS_MAX];
  private final SplittableRandom random;
  private final double lossShare;
  private int head;
  private int count;
  private long freeAtNs;

  /**
   * @param lossShare 0 to 1, each datagram for itself
   */
  VirtualWire(double lossShare, long seed) {
    this.lossShare = lossShare;
    random = new SplittableRandom(seed);
  }

  /** Where the next datagram is to be built. */
  byte[] slot() {
    return datagrams[(head + count) % DATAGRAMS_MAX];
  }

  /** Sends what was built in {@link #slot}. */
  void send(int length, long nowNs) {
    long startNs = Math.max(nowNs, freeAtNs);
    if (startNs - nowNs > QUEUE_NS_MAX || count == DATAGRAMS_MAX - 1) {
      return;
    }
    freeAtNs = startNs + length * NS_PER_SECOND / BYTES_PER_SECOND;
    if (lossShare > 0 && random.nextDouble() < lossShare) {
      return;
    }
    int at = (head + count) % DATAGRAMS_MAX;
    lengths[at] = length;
    arrivalNs[at] = freeAtNs + DELAY_NS;
    count++;
  }

  /** When the oldest datagram arrives, or never. */
  long nextArrivalNs() {
    return count == 0 ? NEVER : arrivalNs[head];
  }

  /** The oldest datagram, until {@link #take}. */
  byte[] oldest() {
    return datagrams[head];
  }

  int oldestBytes() {
    return lengths[head];
  }

  void take() {
    head = (head + 1) % DATAGRAMS_MAX;
    count--;
  }
}
