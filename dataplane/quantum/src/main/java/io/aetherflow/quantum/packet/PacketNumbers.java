package io.aetherflow.quantum.packet;

/**
 * Packet numbers are 64 bits inside and their low 32 bits on the wire. Expansion is the algorithm
 * of RFC 9000 appendix A.3 for a 32-bit window. Numbers start at {@link #FIRST}; every transmission
 * has a new one. Stateless.
 */
public final class PacketNumbers {
  /** The first number an endpoint sends; 0 stands for "none yet". */
  public static final long FIRST = 1;

  /** Largest number, as in QUIC; at a million packets a second it lasts 146,000 years. */
  public static final long MAX = (1L << 62) - 1;

  private static final long WINDOW = 1L << 32;
  private static final long HALF_WINDOW = WINDOW / 2;

  private PacketNumbers() {}

  /** The 32 bits that travel. */
  public static int truncate(long number) {
    return (int) number;
  }

  /**
   * The 64-bit number nearest to the one expected next.
   *
   * @param wire the 32 bits received, as an unsigned value in an int
   * @param largest the largest number seen so far, 0 if none
   */
  public static long expand(int wire, long largest) {
    long expected = largest + 1;
    long candidate = (expected & -WINDOW) | Integer.toUnsignedLong(wire);
    if (candidate <= expected - HALF_WINDOW && candidate <= MAX - WINDOW) {
      return candidate + WINDOW;
    }
    if (candidate > expected + HALF_WINDOW && candidate >= WINDOW) {
      return candidate - WINDOW;
    }
    return candidate;
  }
}
