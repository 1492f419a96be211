package io.aetherflow.quantum.stream;

/** A queue of streams that grows with use. The owner keeps each stream in it once at most. */
final class StreamQueue {
  private static final int ROOM_MIN = 8;

  private QuantumStream[] ring = new QuantumStream[ROOM_MIN];
  private int head;
  private int size;

  boolean isEmpty() {
    return size == 0;
  }

  int size() {
    return size;
  }

  QuantumStream peek() {
    return ring[head];
  }

  void add(QuantumStream stream) {
    if (size == ring.length) {
      grow();
    }
    ring[head + size & ring.length - 1] = stream;
    size++;
  }

  QuantumStream poll() {
    QuantumStream stream = ring[head];
    ring[head] = null;
    head = head + 1 & ring.length - 1;
    size--;
    return stream;
  }

  private void grow() {
    QuantumStream[] larger = new QuantumStream[ring.length * 2];
    for (int i = 0; i < size; i++) {
      larger[i] = ring[head + i & ring.length - 1];
    }
    ring = larger;
    head = 0;
  }
}
