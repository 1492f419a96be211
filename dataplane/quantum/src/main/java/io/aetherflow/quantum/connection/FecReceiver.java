package io.aetherflow.quantum.connection;

import io.aetherflow.quantum.buffer.BigEndian;
import io.aetherflow.quantum.fec.CodingMatrix;
import io.aetherflow.quantum.fec.GroupEncoder;
import java.util.ArrayDeque;
import java.util.Arrays;

/**
 * Keeps the symbols of recent parity groups and rebuilds missing sources. Not thread-safe.
 *
 * <p>A symbol is copied once when it arrives; allocates only until pools have grown.
 */
final class FecReceiver {
  /** Groups kept at once, against a peer that opens many and completes none. */
  static final int GROUPS_MAX = 16;

  /** Symbols kept at once in all groups, for the same reason: 1.5 kB each. */
  static final int SYMBOLS_MAX = 256;

  /**
   * The same until the peer's address is proved: enough to repair its first call, and 3 MB for as
   * many half-open connections as there may be.
   */
  static final int SYMBOLS_UNPROVED_MAX = 8;

  /** What a symbol takes in memory. */
  private static final int SYMBOL_COST_BYTES = ConnectionConfig.DATAGRAM_BYTES + 16;

  private static final int HEADER_BYTES = GroupEncoder.SYMBOL_HEADER_BYTES;

  /** Matrices by width, shared by all connections; immutable, so a race only repeats work. */
  private static final CodingMatrix[] MATRICES = new CodingMatrix[CodingMatrix.SOURCES_MAX + 1];

  /** Takes a rebuilt packet. */
  interface Sink {
    void onRecovered(int numberWire, byte[] buf, int off, int length);
  }

  private final SharedBuffers buffers;
  private final Group[] groups = new Group[GROUPS_MAX];
  private final ArrayDeque<byte[]> pool = new ArrayDeque<>();
  private int symbolsMax = SYMBOLS_UNPROVED_MAX;
  private int allocated;
  private int symbols;
  private Group ready;

  private static final class Group {
    int id;
    boolean done;
    int width;
    int sources;
    int parityBytes;
    int count;
    final byte[][] source = new byte[CodingMatrix.SOURCES_MAX][];
    final int[] sourceBytes = new int[CodingMatrix.SOURCES_MAX];
    final byte[][] repair = new byte[CodingMatrix.REPAIRS_MAX][];
  }

  FecReceiver(SharedBuffers buffers) {
    this.buffers = buffers;
  }

  /** The peer's address is proved. */
  void onProved() {
    symbolsMax = SYMBOLS_MAX;
  }

  /** Keeps the frames of an arrived source packet. */
  void onSource(int id, int index, long number, byte[] buf, int off, int length) {
    Group group = group(id);
    boolean fits = length <= ConnectionConfig.DATAGRAM_BYTES - HEADER_BYTES;
    if (group == null || !fits || group.source[index] != null) {
      return;
    }
    byte[] symbol = take(group);
    if (symbol == null) {
      return;
    }
    BigEndian.put32(symbol, 0, (int) number);
    BigEndian.put16(symbol, 4, length);
    System.arraycopy(buf, off, symbol, HEADER_BYTES, length);
    group.source[index] = symbol;
    group.sourceBytes[index] = HEADER_BYTES + length;
    group.count++;
    check(group);
  }

  /** Keeps a parity symbol. */
  void onRepair(int id, int width, int sources, int index, byte[] buf, int off, int length) {
    Group group = group(id);
    if (group == null || length > ConnectionConfig.DATAGRAM_BYTES || group.repair[index] != null) {
      return;
    }
    boolean first = group.sources == 0;
    boolean same = group.sources == sources && group.width == width && group.parityBytes == length;
    if (!first && !same) {
      return;
    }
    group.width = width;
    group.sources = sources;
    group.parityBytes = length;
    byte[] symbol = take(group);
    if (symbol == null) {
      return;
    }
    System.arraycopy(buf, off, symbol, 0, length);
    group.repair[index] = symbol;
    group.count++;
    check(group);
  }

  /** Rebuilds what has become possible since the last call. */
  void drain(Sink sink) {
    Group group = ready;
    ready = null;
    if (group == null || group.done) {
      return;
    }
    DecodingTable table = buffers.decodingTable();
    int k = group.sources;
    int bytes = group.parityBytes;
    if (fill(group, table) && table.decode(matrix(group.width), k, bytes)) {
      for (int i = 0; i < k; i++) {
        if (!table.hasArrived(i)) {
          deliver(table.symbol(i), bytes, sink);
        }
      }
    }
    table.clear();
    finish(group);
  }

  /** False if a source is longer than the parity, which then belongs to other sources. */
  private static boolean fill(Group group, DecodingTable table) {
    for (int i = 0; i < group.sources; i++) {
      byte[] symbol = group.source[i];
      if (symbol == null) {
        table.addMissing();
        continue;
      }
      if (group.sourceBytes[i] > group.parityBytes) {
        return false;
      }
      Arrays.fill(symbol, group.sourceBytes[i], group.parityBytes, (byte) 0);
      table.add(symbol);
    }
    for (byte[] repair : group.repair) {
      table.add(repair);
    }
    return true;
  }

  private static void deliver(byte[] symbol, int symbolBytes, Sink sink) {
    int length = BigEndian.u16(symbol, 4);
    if (length <= symbolBytes - HEADER_BYTES) {
      sink.onRecovered(BigEndian.i32(symbol, 0), symbol, HEADER_BYTES, length);
    }
  }

  private static CodingMatrix matrix(int width) {
    CodingMatrix matrix = MATRICES[width];
    if (matrix == null) {
      matrix = new CodingMatrix(width);
      MATRICES[width] = matrix;
    }
    return matrix;
  }

  /** The slot of a group that is not too old, or null if there is nothing to keep for it. */
  private Group group(int id) {
    int at = id & GROUPS_MAX - 1;
    Group group = groups[at];
    if (group == null) {
      group = new Group();
      groups[at] = group;
      group.id = id;
    } else if (group.id != id) {
      if (id - group.id < 0) {
        return null;
      }
      finish(group);
      // One packet may name several groups; what was ready may lose its place to another.
      ready = ready == group ? null : ready;
      group.id = id;
      group.done = false;
      group.sources = 0;
    }
    return group.done ? null : group;
  }

  private void check(Group group) {
    if (group.sources == 0) {
      return;
    }
    int arrived = 0;
    for (int i = 0; i < group.sources; i++) {
      arrived += group.source[i] == null ? 0 : 1;
    }
    if (arrived == group.sources) {
      finish(group);
    } else if (group.count >= group.sources) {
      ready = group;
    }
  }

  private void finish(Group group) {
    for (int i = 0; i < group.source.length && group.count > 0; i++) {
      group.source[i] = release(group, group.source[i]);
    }
    for (int j = 0; j < group.repair.length && group.count > 0; j++) {
      group.repair[j] = release(group, group.repair[j]);
    }
    group.done = true;
  }

  private byte[] release(Group group, byte[] symbol) {
    if (symbol != null) {
      group.count--;
      give(symbol);
    }
    return null;
  }

  /** Room for one more symbol of a group, or null if there is none. */
  private byte[] take(Group group) {
    if (symbols >= symbolsMax) {
      finishOldest();
    }
    if (group.done) {
      return null;
    }
    byte[] symbol = pool.poll();
    if (symbol == null) {
      if (!buffers.budget().tryReserve(SYMBOL_COST_BYTES)) {
        return null;
      }
      allocated++;
      symbol = new byte[ConnectionConfig.DATAGRAM_BYTES];
    }
    symbols++;
    return symbol;
  }

  private void give(byte[] symbol) {
    symbols--;
    pool.push(symbol);
  }

  /** Symbols kept now. */
  int symbols() {
    return symbols;
  }

  private void finishOldest() {
    Group oldest = null;
    for (Group group : groups) {
      boolean holds = group != null && group.count > 0;
      if (holds && (oldest == null || group.id - oldest.id < 0)) {
        oldest = group;
      }
    }
    if (oldest != null) {
      finish(oldest);
    }
  }

  /** Forgets all groups: the connection is idle, nothing can be missing. */
  void trim() {
    for (Group group : groups) {
      if (group != null) {
        finish(group);
      }
    }
    Arrays.fill(groups, null);
    pool.clear();
    buffers.budget().release((long) allocated * SYMBOL_COST_BYTES);
    allocated = 0;
    symbols = 0;
    ready = null;
  }
}
