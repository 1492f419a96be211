package io.aetherflow.statesync.document;

/** Operations of the whole process that wait for their commit. Loop only. */
public final class Admission {
  /** Bounds the heap that waiting operations take, well below the smallest pod's. */
  static final long BYTES_MAX = 16 << 20;

  /** Bounds what small operations cost beside their bytes; two seconds at full rate. */
  static final int OPERATIONS_MAX = 32_768;

  private int operations;
  private long bytes;

  boolean admits(int moreOperations, long moreBytes) {
    return operations + moreOperations <= OPERATIONS_MAX && bytes + moreBytes <= BYTES_MAX;
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
