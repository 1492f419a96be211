package io.aetherflow.quantum.endpoint;

import io.aetherflow.quantum.connection.Connection;
import java.util.ArrayList;
import java.util.List;

/** Connections by GUUID: open addressing, no allocation per look-up. Not thread-safe. */
final class ConnectionMap {
  private static final int ROOM_MIN = 16;

  private Connection[] slots = new Connection[ROOM_MIN];
  private final long seed;
  private int size;

  /**
   * @param seed unknown to peers, who choose the keys and must not be able to make them collide
   */
  ConnectionMap(long seed) {
    this.seed = seed;
  }

  int size() {
    return size;
  }

  Connection get(long high, long low) {
    for (int i = home(high, low); slots[i] != null; i = next(i)) {
      if (slots[i].guuid().high() == high && slots[i].guuid().low() == low) {
        return slots[i];
      }
    }
    return null;
  }

  void add(Connection connection) {
    if (size * 2 >= slots.length) {
      Connection[] old = slots;
      slots = new Connection[old.length * 2];
      for (Connection each : old) {
        if (each != null) {
          insert(each);
        }
      }
    }
    insert(connection);
    size++;
  }

  private void insert(Connection connection) {
    int i = home(connection.guuid().high(), connection.guuid().low());
    while (slots[i] != null) {
      i = next(i);
    }
    slots[i] = connection;
  }

  /** Removes and closes the hole, so that no tombstones are needed. */
  void remove(Connection connection) {
    int hole = home(connection.guuid().high(), connection.guuid().low());
    while (slots[hole] != null && slots[hole] != connection) {
      hole = next(hole);
    }
    if (slots[hole] == null) {
      return;
    }
    size--;
    for (int i = next(hole); slots[i] != null; i = next(i)) {
      int home = home(slots[i].guuid().high(), slots[i].guuid().low());
      int distance = (i - home) & slots.length - 1;
      if (distance >= ((i - hole) & slots.length - 1)) {
        slots[hole] = slots[i];
        hole = i;
      }
    }
    slots[hole] = null;
  }

  List<Connection> all() {
    List<Connection> all = new ArrayList<>(size);
    for (Connection connection : slots) {
      if (connection != null) {
        all.add(connection);
      }
    }
    return all;
  }

  private int home(long high, long low) {
    long mixed = (high ^ seed) * 0x9E37_79B9_7F4A_7C15L;
    mixed = (mixed ^ mixed >>> 29 ^ low) * 0xBF58_476D_1CE4_E5B9L;
    return (int) (mixed ^ mixed >>> 32) & slots.length - 1;
  }

  private int next(int i) {
    return i + 1 & slots.length - 1;
  }
}
