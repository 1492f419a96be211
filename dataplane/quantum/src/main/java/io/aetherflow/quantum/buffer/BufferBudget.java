package io.aetherflow.quantum.buffer;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What all connections of a process together may keep for streams, their content and parity, in
 * bytes. Give one to all endpoints. From {@link #isTight} on, writers and windows stop growing;
 * from {@link #isFull} on, data that the peer may send is taken only as far as its stream can be
 * read on, and is sent again otherwise. Thread-safe; pools take pages in advance, so that the
 * packet path only reads one number.
 */
public final class BufferBudget {
  /** The share of the heap that buffers get by default. */
  private static final int HEAP_FRACTION = 4;

  private final long limitBytes;
  private final long tightBytes;
  private final AtomicLong inUse = new AtomicLong();

  /**
   * @param limitBytes positive
   */
  public BufferBudget(long limitBytes) {
    if (limitBytes < 1) {
      throw new IllegalArgumentException("limitBytes must be positive: " + limitBytes);
    }
    this.limitBytes = limitBytes;
    // What is left belongs to data that peers were already allowed to send.
    tightBytes = limitBytes / 4 * 3;
  }

  /** A quarter of the largest heap that this process may have. */
  public static BufferBudget ofHeap() {
    return new BufferBudget(Runtime.getRuntime().maxMemory() / HEAP_FRACTION);
  }

  /** Bytes held, including pages that pools keep ready. May exceed the limit a little. */
  public long bytesInUse() {
    return inUse.get();
  }

  public long limitBytes() {
    return limitBytes;
  }

  /** Whether three quarters are in use. */
  public boolean isTight() {
    return inUse.get() >= tightBytes;
  }

  /** Whether everything is in use. */
  public boolean isFull() {
    return inUse.get() >= limitBytes;
  }

  /** Takes bytes if they are within the limit. */
  public boolean tryReserve(int bytes) {
    if (inUse.addAndGet(bytes) <= limitBytes) {
      return true;
    }
    inUse.addAndGet(-bytes);
    return false;
  }

  /** Takes bytes whose caller keeps a bound of its own. */
  public void reserve(int bytes) {
    inUse.addAndGet(bytes);
  }

  /** Gives bytes back. */
  public void release(long bytes) {
    inUse.addAndGet(-bytes);
  }
}
