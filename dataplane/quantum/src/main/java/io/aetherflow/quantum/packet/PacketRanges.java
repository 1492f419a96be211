package io.aetherflow.quantum.packet;

/**
 * Inclusive ranges of 64-bit packet numbers, newest first, disjoint and with at least one missing
 * number between neighbours. What SACK blocks, ACK_EXT and RECOVERED carry.
 */
public interface PacketRanges {
  /** How many ranges there are. */
  int count();

  /** Smallest number of range {@code i}; range 0 holds the largest numbers. */
  long first(int i);

  /** Largest number of range {@code i}. */
  long last(int i);
}
