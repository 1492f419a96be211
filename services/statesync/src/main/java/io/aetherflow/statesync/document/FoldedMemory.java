package io.aetherflow.statesync.document;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The folded states of the whole process that are in its memory. Beyond the bound those that were
 * used longest ago are dropped; they are folded again when they are needed. Loop only.
 */
public final class FoldedMemory {
  /** The part of the heap that states may take. */
  private static final int HEAP_DIVISOR = 8;

  private final long bytesMax;
  private final LinkedHashMap<FoldedState, Long> states = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;

  FoldedMemory(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  /**
   * @param heapBytes at most, of this process
   */
  public static FoldedMemory ofHeap(long heapBytes) {
    return new FoldedMemory(heapBytes / HEAP_DIVISOR);
  }

  /** A state was used, and takes this much now. */
  void used(FoldedState state, long now) {
    Long before = states.put(state, now);
    bytes += now - (before == null ? 0 : before);
    Iterator<Map.Entry<FoldedState, Long>> eldest = states.entrySet().iterator();
    while (bytes > bytesMax && eldest.hasNext()) {
      Map.Entry<FoldedState, Long> each = eldest.next();
      if (each.getKey() != state && each.getKey().drop()) {
        bytes -= each.getValue();
        eldest.remove();
      }
    }
  }

  void gone(FoldedState state) {
    Long before = states.remove(state);
    bytes -= before == null ? 0 : before;
  }

  /** What states take in memory. */
  public long bytes() {
    return bytes;
  }
}
