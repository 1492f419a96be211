package io.aetherflow.bench.fec;

/**
 * One way to code the shards of a {@link Shards}. {@code encode} computes all parity, {@code
 * decode} rebuilds the sources {@link Shards#LOST}. Used by one thread.
 */
interface Coder {
  void encode();

  void decode();

  /** Overwrites the sources {@link Shards#LOST}, so that only decoding brings them back. */
  void lose();

  /** The parity that {@link #encode} computed, for comparison. */
  byte[][] parity();

  /** Sources as {@link #decode} left them. */
  byte[][] sources();
}
