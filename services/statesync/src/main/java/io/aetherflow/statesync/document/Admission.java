package io.aetherflow.statesync.document;

/**
 * Operations of the whole process that are in its memory: those that wait for their commit, and hot
 * ones, which are durable but not archived yet. Loop only.
 */
public final class Admission {
  /** Bounds the heap that waiting operations take, well below the smallest pod's. */
  static final long BYTES_MAX = 16 << 20;

  /** Bounds what small operations cost beside their bytes; two seconds at full rate. */
  static final int OPERATIONS_MAX = 32_768;

  /** The part of the heap that hot operations may take; the rest is for waiting ones and calls. */
  private static final int HOT_HEAP_DIVISOR = 4;

  /** What an operation takes in memory beside its encoding, about. */
  static final int HOT_OPERATION_BYTES = 200;

  private final long hotBytesMax;
  private int operations;
  private long bytes;
  private long hotBytes;

  /**
   * @param hotBytesMax bounds what is written while archiving falls behind; takeovers may exceed it
   */
  Admission(long hotBytesMax) {
    this.hotBytesMax = hotBytesMax;
  }

  /**
   * @param heapBytes at most, of this process
   */
  public static Admission ofHeap(long heapBytes) {
    return new Admission(heapBytes / HOT_HEAP_DIVISOR);
  }

  boolean admits(int moreOperations, long moreBytes) {
    return operations + moreOperations <= OPERATIONS_MAX && bytes + moreBytes <= BYTES_MAX;
  }

  boolean admitsHot(int moreOperations, long moreBytes) {
    return hotBytes + hotBytes(moreOperations, moreBytes) <= hotBytesMax;
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

  void take(int moreOperations, long moreBytes) {
    operations += moreOperations;
    bytes += moreBytes;
  }

  void release(int fewerOperations, long fewerBytes) {
    operations -= fewerOperations;
    bytes -= fewerBytes;
  }

  /** Operations that wait. */
  public int operations() {
    return operations;
  }
}
