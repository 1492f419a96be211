package io.aetherflow.quantum.connection;

import io.aetherflow.quantum.fec.CodingMatrix;
import io.aetherflow.quantum.fec.FecKernel;
import io.aetherflow.quantum.fec.FecPolicy;
import io.aetherflow.quantum.fec.GroupEncoder;
import io.aetherflow.quantum.frame.FrameWriter;
import io.aetherflow.quantum.recovery.SentPackets;

/**
 * Gathers source packets into groups and keeps the parity that waits to be sent. A group closes
 * when it is full, when nothing more waits, or when it has been open for the flush time. Times are
 * nanoseconds. Not thread-safe.
 */
final class FecSender {
  /**
   * What a source packet leaves free so that its parity fits a packet of the same size: REPAIR's
   * header and the symbol's.
   */
  static final int OVERHEAD_BYTES =
      FrameWriter.REPAIR_OVERHEAD_BYTES + GroupEncoder.SYMBOL_HEADER_BYTES;

  /** Parity packets that wait; older ones are dropped when the window stays closed. */
  private static final int WAITING_MAX = 64;

  private final FecKernel kernel;
  private final Repair[] waiting = new Repair[WAITING_MAX];
  private int head;
  private int size;
  private FecPolicy policy;
  private int groupSize;
  private long flushNs;
  private GroupEncoder encoder;
  private int encoderRows;
  private CodingMatrix matrix;
  private int group;
  private boolean open;
  private long openedNs;
  private long firstNumber;
  private long lastNumber;

  /** One parity packet's content. */
  static final class Repair {
    int group;
    int width;
    int sources;
    int index;
    int length;
    long dueNs;
    long firstNumber;
    long lastNumber;
    byte[] parity = new byte[0];
  }

  FecSender(FecKernel kernel, FecPolicy policy, int groupSize, long flushNs) {
    this.kernel = kernel;
    setTuning(policy, groupSize, flushNs);
  }

  /** Applies to groups that open from now on. */
  void setTuning(FecPolicy policy, int groupSize, long flushNs) {
    if (matrix == null || matrix.sources() != groupSize) {
      matrix = new CodingMatrix(groupSize);
    }
    this.policy = policy;
    this.groupSize = groupSize;
    this.flushNs = flushNs;
    open = false;
    encoder = null;
  }

  FecPolicy policy() {
    return policy;
  }

  /** Opens a group if none is; false if groups can have no parity. */
  boolean ensureOpen(long nowNs) {
    if (open) {
      return true;
    }
    int rows = Math.min(policy.repairsMax(groupSize), CodingMatrix.REPAIRS_MAX);
    if (rows == 0) {
      return false;
    }
    if (encoder == null || encoderRows != rows) {
      encoder = new GroupEncoder(kernel, rows, ConnectionConfig.DATAGRAM_BYTES);
      encoderRows = rows;
    }
    encoder.open(matrix, rows);
    group++;
    openedNs = nowNs;
    open = true;
    return true;
  }

  int group() {
    return group;
  }

  /** The index that the packet being built has. */
  int index() {
    return encoder.sources();
  }

  void onSource(long number, byte[] buf, int off, int length) {
    if (encoder.sources() == 0) {
      firstNumber = number;
    }
    lastNumber = number;
    encoder.add(number, buf, off, length);
  }

  boolean isOpen() {
    return open && encoder.sources() > 0;
  }

  boolean isFull() {
    return open && encoder.isFull();
  }

  /** When the open group closes by itself. */
  long flushAtNs() {
    return isOpen() ? openedNs + flushNs : TimerTable.NEVER;
  }

  /** Closes the open group and queues its parity. */
  void close(long nowNs) {
    if (!isOpen()) {
      return;
    }
    int repairs = Math.min(policy.repairs(encoder.sources()), encoderRows);
    for (int j = 0; j < repairs; j++) {
      enqueue(j, nowNs);
    }
    open = false;
  }

  private void enqueue(int index, long nowNs) {
    if (size == WAITING_MAX) {
      drop();
    }
    int at = (head + size) % WAITING_MAX;
    if (waiting[at] == null) {
      waiting[at] = new Repair();
    }
    Repair repair = waiting[at];
    int length = encoder.symbolBytes();
    if (repair.parity.length < length) {
      repair.parity = new byte[ConnectionConfig.DATAGRAM_BYTES];
    }
    System.arraycopy(encoder.parity(index), 0, repair.parity, 0, length);
    repair.group = group;
    repair.width = matrix.sources();
    repair.sources = encoder.sources();
    repair.index = index;
    repair.length = length;
    repair.dueNs = nowNs + (index + 1) * policy.spacingNs();
    repair.firstNumber = firstNumber;
    repair.lastNumber = lastNumber;
    size++;
  }

  /** Parity that is due, or null; what the peer needs no more is dropped on the way. */
  Repair nextDue(SentPackets sent, long nowNs) {
    int looked = 0;
    while (looked < size) {
      bringToHead(looked);
      if (isSettled(waiting[head], sent)) {
        drop();
      } else if (waiting[head].dueNs <= nowNs) {
        return waiting[head];
      } else {
        looked++;
      }
    }
    return null;
  }

  private void bringToHead(int position) {
    Repair repair = waiting[(head + position) % WAITING_MAX];
    for (int i = position; i > 0; i--) {
      waiting[(head + i) % WAITING_MAX] = waiting[(head + i - 1) % WAITING_MAX];
    }
    waiting[head] = repair;
  }

  /** When the next waiting parity is due, or never. */
  long nextDueNs() {
    long next = TimerTable.NEVER;
    for (int i = 0; i < size; i++) {
      next = Math.min(next, waiting[(head + i) % WAITING_MAX].dueNs);
    }
    return next;
  }

  private static boolean isSettled(Repair repair, SentPackets sent) {
    long number = Math.max(repair.firstNumber, sent.oldest());
    while (number <= repair.lastNumber) {
      if (sent.state(number) == SentPackets.State.IN_FLIGHT) {
        return false;
      }
      number++;
    }
    return true;
  }

  void drop() {
    head = (head + 1) % WAITING_MAX;
    size--;
  }

  /** Parity longer than the path takes is of no use. */
  void dropAll() {
    while (size > 0) {
      drop();
    }
    open = false;
  }

  /** Gives memory back while nothing waits. */
  void trim() {
    if (size == 0 && !isOpen()) {
      java.util.Arrays.fill(waiting, null);
      encoder = null;
      open = false;
    }
  }
}
