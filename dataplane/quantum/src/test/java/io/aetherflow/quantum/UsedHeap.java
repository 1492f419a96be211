package io.aetherflow.quantum;

/** How much of this JVM's heap is reachable, nearly. */
public final class UsedHeap {
  private static final int COLLECTIONS = 5;

  private UsedHeap() {}

  /** The least of several collections, for one leaves what is only weakly reachable. */
  public static long bytes() {
    long used = Long.MAX_VALUE;
    for (int i = 0; i < COLLECTIONS; i++) {
      System.gc();
      used = Math.min(used, Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());
    }
    return used;
  }
}
