package io.aetherflow.quantum.stream;

/** Rings of bytes whose length is a power of two; an offset's place is its low bits. Stateless. */
final class Rings {
  private Rings() {}

  /** Copies the bytes of {@code [from, to)} to their places in a longer ring. */
  static void move(byte[] oldRing, byte[] newRing, long from, long to) {
    long at = from;
    while (at < to && oldRing.length > 0) {
      int source = (int) at & oldRing.length - 1;
      int target = (int) at & newRing.length - 1;
      int run = Math.min(oldRing.length - source, newRing.length - target);
      run = (int) Math.min(run, to - at);
      System.arraycopy(oldRing, source, newRing, target, run);
      at += run;
    }
  }
}
