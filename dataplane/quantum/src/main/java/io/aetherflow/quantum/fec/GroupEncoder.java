package io.aetherflow.quantum.fec;

import io.aetherflow.quantum.buffer.BigEndian;
import java.util.Arrays;

/**
 * Parity of one open group, summed up packet by packet; no source is kept. A source symbol is the
 * packet's number (low 32 bits), the length of its frames (16 bits) and its frames; shorter symbols
 * count as filled up with zeros. Any number of sources closes the group without further work.
 *
 * <p>Reused from group to group, allocates nothing after construction. Not thread-safe.
 */
public final class GroupEncoder {
  /** Number and length, in front of the frames in each symbol. */
  public static final int SYMBOL_HEADER_BYTES = 6;

  private final FecKernel kernel;
  private final byte[][] parity;
  private final byte[] symbolHeader = new byte[SYMBOL_HEADER_BYTES];
  private CodingMatrix matrix;
  private int rows;
  private int sources;
  private int symbolBytes;

  /**
   * @param repairsMax most parity symbols of any group
   * @param framesBytesMax longest frames of a source packet
   */
  public GroupEncoder(FecKernel kernel, int repairsMax, int framesBytesMax) {
    if (repairsMax < 1 || repairsMax > CodingMatrix.REPAIRS_MAX) {
      throw new IllegalArgumentException("a group has 1 to 32 repairs, not " + repairsMax);
    }
    if (framesBytesMax < 0 || framesBytesMax > 0xFFFF - SYMBOL_HEADER_BYTES) {
      throw new IllegalArgumentException("frames must leave room in 16 bits: " + framesBytesMax);
    }
    this.kernel = kernel;
    parity = new byte[repairsMax][SYMBOL_HEADER_BYTES + framesBytesMax];
  }

  /**
   * Starts a group of at most {@code matrix.sources()} sources, with up to {@code rows} repairs.
   */
  public void open(CodingMatrix matrix, int rows) {
    if (rows < 1 || rows > parity.length) {
      throw new IllegalArgumentException("rows must be 1 to " + parity.length + ", not " + rows);
    }
    for (int r = 0; r < this.rows; r++) {
      Arrays.fill(parity[r], 0, symbolBytes, (byte) 0);
    }
    this.matrix = matrix;
    this.rows = rows;
    sources = 0;
    symbolBytes = 0;
  }

  /** Adds the frames of a packet and returns their index in the group. */
  public int add(long packetNumber, byte[] buf, int off, int length) {
    if (isFull()) {
      throw new IllegalStateException("the group has all its " + sources + " sources");
    }
    byte[] factors = matrix.column(sources);
    BigEndian.put32(symbolHeader, 0, (int) packetNumber);
    BigEndian.put16(symbolHeader, 4, length);
    kernel.accumulate(factors, rows, symbolHeader, 0, parity, 0, SYMBOL_HEADER_BYTES);
    kernel.accumulate(factors, rows, buf, off, parity, SYMBOL_HEADER_BYTES, length);
    symbolBytes = Math.max(symbolBytes, SYMBOL_HEADER_BYTES + length);
    return sources++;
  }

  /** k so far. */
  public int sources() {
    return sources;
  }

  /** Whether k has reached N. */
  public boolean isFull() {
    return matrix == null || sources == matrix.sources();
  }

  /** Length of the parity symbols, that of the longest source symbol. */
  public int symbolBytes() {
    return symbolBytes;
  }

  /** Parity symbol {@code row}, valid up to {@link #symbolBytes} until the next {@link #open}. */
  public byte[] parity(int row) {
    return parity[java.util.Objects.checkIndex(row, rows)];
  }
}
