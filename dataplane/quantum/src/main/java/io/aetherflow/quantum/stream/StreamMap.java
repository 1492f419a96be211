package io.aetherflow.quantum.stream;

/** Streams by id: open addressing, no boxing. Not thread-safe. */
final class StreamMap {
  private static final int ROOM_MIN = 8;

  private QuantumStream[] slots = new QuantumStream[ROOM_MIN];
  private int size;

  int size() {
    return size;
  }

  QuantumStream get(long id) {
    for (int i = home(id); slots[i] != null; i = next(i)) {
      if (slots[i].id() == id) {
        return slots[i];
      }
    }
    return null;
  }

  void add(QuantumStream stream) {
    if (size * 2 >= slots.length) {
      grow();
    }
    insert(stream);
    size++;
  }

  private void insert(QuantumStream stream) {
    int i = home(stream.id());
    while (slots[i] != null) {
      i = next(i);
    }
    slots[i] = stream;
  }

  /** Removes and closes the hole, so that no tombstones are needed. */
  void remove(long id) {
    int hole = home(id);
    while (slots[hole] != null && slots[hole].id() != id) {
      hole = next(hole);
    }
    if (slots[hole] == null) {
      return;
    }
    size--;
    for (int i = next(hole); slots[i] != null; i = next(i)) {
      int distance = (i - home(slots[i].id())) & slots.length - 1;
      if (distance >= ((i - hole) & slots.length - 1)) {
        slots[hole] = slots[i];
        hole = i;
      }
    }
    slots[hole] = null;
  }

  /** All streams, for rare sweeps; allocates. */
  java.util.List<QuantumStream> all() {
    java.util.List<QuantumStream> all = new java.util.ArrayList<>(size);
    for (QuantumStream stream : slots) {
      if (stream != null) {
        all.add(stream);
      }
    }
    return all;
  }

  private int home(long id) {
    return (int) (id * 0x9E37_79B9_7F4A_7C15L >>> 40) & slots.length - 1;
  }

  private int next(int i) {
    return i + 1 & slots.length - 1;
  }

  private void grow() {
    QuantumStream[] old = slots;
    slots = new QuantumStream[old.length * 2];
    for (QuantumStream stream : old) {
      if (stream != null) {
        insert(stream);
      }
    }
  }
}
