package io.aetherflow.statesync.document;

import java.util.function.LongSupplier;

/**
 * Operations of the whole process that are in its memory: those that wait for their commit, and hot
 * ones, which are durable but not archived yet. Loop only.
 */
public final class Admission {
  /** Bounds the heap that waiting operations take, well below the smallest pod's. */
  static final long BYTES_MAX = 16 << 20;

  /**
   * Bounds the heap that states take whose readers wait for etcd; a single one may be larger. While
   * etcd is away each write before a read makes a state of its own.
   */
  static final long READ_BYTES_MAX = 8 << 20;

  /** The part of the heap that hot operations may take; the rest is for waiting ones and calls. */
  private static final int HOT_HEAP_DIVISOR = 4;

  /** What an operation takes in memory beside its encoding, about. */
  static final int HOT_OPERATION_BYTES = 200;

  private final long hotBytesMax;
  private final LongSupplier nowNs;
  private final WaitLimit limit = new WaitLimit();
  private int operations;
  private long bytes;
  private long hotBytes;
  private long readBytes;

  /**
   * @param hotBytesMax bounds what is written while archiving falls behind; takeovers may exceed it
   * @param nowNs of a clock that never goes back
   */
  Admission(long hotBytesMax, LongSupplier nowNs) {
    this.hotBytesMax = hotBytesMax;
    this.nowNs = nowNs;
  }

  /**
   * @param heapBytes at most, of this process
   */
  public static Admission ofHeap(long heapBytes) {
    return new Admission(heapBytes / HOT_HEAP_DIVISOR, System::nanoTime);
  }

  /** Looks at those before, for a newcomer waits no longer for being large itself. */
  boolean admits(long moreBytes) {
    return operations < limit.operations() && bytes + moreBytes <= BYTES_MAX;
  }

  /** Whether one more state may wait with its reader. */
  boolean admitsRead(long moreBytes) {
    return readBytes == 0 || readBytes + moreBytes <= READ_BYTES_MAX;
  }

  /**
   * @param more that wait with their readers; less when negative
   */
  void addRead(long more) {
    readBytes += more;
  }

  boolean admitsHot(int moreOperations, long moreBytes) {
    return hotBytes + hotBytes(moreOperations, moreBytes) <= hotBytesMax;
  }

  /** Whether archiving falls behind. */
  public boolean hotHalfFull() {
    return hotBytes > hotBytesMax / 2;
  }

  static long hotBytes(int operations, long encodedBytes) {
    return encodedBytes + (long) operations * HOT_OPERATION_BYTES;
  }

  /**
   * @param more as {@link #hotBytes(int, long)} counts; less when negative
   */
  void addHot(long more) {
    hotBytes += more;
  }

  /** What hot operations take in memory. */
  public long hotBytes() {
    return hotBytes;
  }

  /** Returns when, for {@link #durable}. */
  long take(int moreOperations, long moreBytes) {
    operations += moreOperations;
    bytes += moreBytes;
    return nowNs.getAsLong();
  }

  /** What was taken at a time waits no longer, and was stored. */
  void durable(int fewerOperations, long fewerBytes, long takenNs) {
    long now = nowNs.getAsLong();
    limit.durable(now - takenNs, operations, now);
    release(fewerOperations, fewerBytes);
  }

  /** What was taken waits no longer. */
  void release(int fewerOperations, long fewerBytes) {
    operations -= fewerOperations;
    bytes -= fewerBytes;
  }

  /** Operations that wait. */
  public int operations() {
    return operations;
  }
}
