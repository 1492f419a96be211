package io.aetherflow.quantum.connection;

import io.aetherflow.quantum.fec.CodingMatrix;
import io.aetherflow.quantum.fec.FecKernel;
import io.aetherflow.quantum.fec.GroupDecoder;
import java.util.Arrays;

/**
 * The symbols of one group side by side while it is decoded, with room for those that are missing.
 * Allocates only until it has met the most losses that a group can have. Not thread-safe.
 */
final class DecodingTable {
  private final GroupDecoder decoder;
  private final byte[][] symbols = new byte[CodingMatrix.SOURCES_MAX + CodingMatrix.REPAIRS_MAX][];
  private final boolean[] arrived = new boolean[symbols.length];

  /** No more sources can be missing than parity makes up for: 47 kB at most. */
  private final byte[][] rooms = new byte[CodingMatrix.REPAIRS_MAX][];

  private int count;
  private int missing;

  DecodingTable(FecKernel kernel) {
    decoder = new GroupDecoder(kernel);
  }

  /** Adds the next symbol, sources first and then parity; null for parity that did not come. */
  void add(byte[] symbol) {
    arrived[count] = symbol != null;
    symbols[count++] = symbol;
  }

  /** Adds a source that did not come; beyond what parity can make up for, it gets no room. */
  void addMissing() {
    byte[] room = null;
    if (missing < rooms.length) {
      room = rooms[missing];
      if (room == null) {
        room = new byte[ConnectionConfig.DATAGRAM_BYTES];
        rooms[missing] = room;
      }
      missing++;
    }
    arrived[count] = false;
    symbols[count++] = room;
  }

  /** Rebuilds what is missing among the first {@code sources}; false if too little has come. */
  boolean decode(CodingMatrix matrix, int sources, int length) {
    return decoder.decode(matrix, symbols, sources, arrived, length);
  }

  boolean hasArrived(int source) {
    return arrived[source];
  }

  /** A source, also one that {@link #decode} has rebuilt; valid until {@link #clear}. */
  byte[] symbol(int source) {
    return symbols[source];
  }

  /** Makes room for the next group. */
  void clear() {
    Arrays.fill(symbols, 0, count, null);
    Arrays.fill(arrived, 0, count, false);
    count = 0;
    missing = 0;
  }
}
