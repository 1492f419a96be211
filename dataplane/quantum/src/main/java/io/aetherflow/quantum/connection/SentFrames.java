package io.aetherflow.quantum.connection;

import io.aetherflow.quantum.stream.FrameLog;
import io.aetherflow.quantum.stream.QuantumStream;
import io.aetherflow.quantum.stream.SentKind;
import java.util.Arrays;

/**
 * The frames that each sent packet carries, kept until the packet is acked or its record dropped:
 * lists in a pool of primitive arrays, one list head per packet number. Grows with what is open,
 * bounded by the span of {@link io.aetherflow.quantum.recovery.SentPackets}. Not thread-safe.
 */
final class SentFrames implements FrameLog {
  private static final int NONE = -1;
  private static final int ROOM_MIN = 32;
  private static final SentKind[] KINDS = SentKind.values();

  /** Takes the frames of one packet. */
  interface Visitor {
    void onFrame(SentKind kind, QuantumStream stream, long offset, int length);
  }

  private int[] heads = new int[ROOM_MIN];
  private long oldest = 1;
  private long next = 1;
  private byte[] kinds = new byte[ROOM_MIN];
  private QuantumStream[] streams = new QuantumStream[ROOM_MIN];
  private long[] offsets = new long[ROOM_MIN];
  private int[] lengths = new int[ROOM_MIN];
  private int[] links = new int[ROOM_MIN];
  private int free = NONE;
  private int pending = NONE;
  private int used;

  SentFrames() {
    chainFree(0);
  }

  @Override
  public void record(SentKind kind, QuantumStream stream, long offset, int length) {
    if (free == NONE) {
      growPool();
    }
    int entry = free;
    free = links[entry];
    used++;
    kinds[entry] = (byte) kind.ordinal();
    streams[entry] = stream;
    offsets[entry] = offset;
    lengths[entry] = length;
    links[entry] = pending;
    pending = entry;
  }

  /** Whether the packet being built has carried anything so far. */
  boolean hasPending() {
    return pending != NONE;
  }

  /** Forgets what was recorded for a packet that does not leave. */
  void abandon() {
    while (pending != NONE) {
      int following = links[pending];
      free(pending);
      pending = following;
    }
  }

  /** Binds what was recorded to the packet that left with it. */
  void commit(long number) {
    while (next <= number) {
      if (next - oldest == heads.length) {
        resizeHeads(heads.length * 2);
      }
      heads[slot(next)] = NONE;
      next++;
    }
    heads[slot(number)] = pending;
    pending = NONE;
  }

  boolean isEmpty(long number) {
    return number < oldest || number >= next || heads[slot(number)] == NONE;
  }

  boolean isMtuProbe(long number) {
    return !isEmpty(number) && KINDS[kinds[heads[slot(number)]]] == SentKind.MTU_PROBE;
  }

  void visit(long number, Visitor visitor) {
    if (isEmpty(number)) {
      return;
    }
    for (int entry = heads[slot(number)]; entry != NONE; entry = links[entry]) {
      visitor.onFrame(KINDS[kinds[entry]], streams[entry], offsets[entry], lengths[entry]);
    }
  }

  /** Forgets a packet's frames. */
  void release(long number) {
    if (isEmpty(number)) {
      return;
    }
    int entry = heads[slot(number)];
    heads[slot(number)] = NONE;
    while (entry != NONE) {
      int following = links[entry];
      free(entry);
      entry = following;
    }
  }

  private void free(int entry) {
    streams[entry] = null;
    links[entry] = free;
    free = entry;
    used--;
  }

  /** Forgets everything below a number. */
  void releaseBelow(long number) {
    long end = Math.min(number, next);
    while (oldest < end) {
      release(oldest);
      oldest++;
    }
    if (number > next) {
      oldest = number;
      next = number;
    }
  }

  private int slot(long number) {
    return (int) number & heads.length - 1;
  }

  private void resizeHeads(int length) {
    int[] resized = new int[length];
    for (long number = oldest; number < next; number++) {
      resized[(int) number & length - 1] = heads[slot(number)];
    }
    heads = resized;
  }

  private void growPool() {
    int size = kinds.length;
    resizePool(size * 2);
    chainFree(size);
  }

  private void resizePool(int size) {
    kinds = Arrays.copyOf(kinds, size);
    streams = Arrays.copyOf(streams, size);
    offsets = Arrays.copyOf(offsets, size);
    lengths = Arrays.copyOf(lengths, size);
    links = Arrays.copyOf(links, size);
  }

  /** Gives back what a burst made this grow by, as far as open packets let it. */
  void trim() {
    int length = heads.length;
    while (length > ROOM_MIN && next - oldest <= length / 2) {
      length /= 2;
    }
    if (length < heads.length) {
      resizeHeads(length);
    }
    if (used == 0 && kinds.length > ROOM_MIN) {
      resizePool(ROOM_MIN);
      chainFree(0);
    }
  }

  private void chainFree(int from) {
    for (int i = from; i < links.length; i++) {
      links[i] = i + 1 < links.length ? i + 1 : NONE;
    }
    free = from;
  }
}
