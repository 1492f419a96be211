package io.aetherflow.statesync.shard;

import io.aetherflow.statesync.document.DocumentState;
import io.aetherflow.statesync.document.OwnedShard;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * What this instance has to do with one shard. Loop only.
 *
 * <pre>
 * FREE -> CLAIMING -> LOADING -> SERVING -> RELEASING -> FREE
 *           |            |          |           |
 *           +---> FREE <-+----------+-----------+   refused, lost
 * </pre>
 */
final class ShardSlot {
  enum State {
    FREE,
    CLAIMING,
    LOADING,
    SERVING,
    RELEASING
  }

  /** Bounds requests that wait for a change of ownership; further ones are sent away. */
  private static final int PARKED_MAX = 1_024;

  /** A request that waits until it is known where the shard is served. */
  record Parked(String document, Consumer<DocumentState> here, Consumer<Location> elsewhere) {}

  private final int number;
  private State state = State.FREE;
  private OwnedShard shard;
  private List<Parked> parked = new ArrayList<>(0);
  private boolean behind;

  ShardSlot(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }

  State state() {
    return state;
  }

  OwnedShard shard() {
    return shard;
  }

  boolean holds(OwnedShard candidate) {
    return shard == candidate;
  }

  /** Whether the view is known to be behind; nothing is claimed on its word. */
  boolean isBehind() {
    return behind;
  }

  void setBehind(boolean behind) {
    this.behind = behind;
  }

  void claiming() {
    move(State.FREE, State.CLAIMING);
  }

  /** Refused, or no answer. */
  void claimFailed() {
    move(State.CLAIMING, State.FREE);
  }

  void loading(OwnedShard claimed) {
    move(State.CLAIMING, State.LOADING);
    shard = claimed;
  }

  void serving() {
    move(State.LOADING, State.SERVING);
  }

  void releasing() {
    move(State.SERVING, State.RELEASING);
    shard.stop();
  }

  /** Released, or lost to another. */
  void free() {
    OwnedShard gone = shard;
    state = State.FREE;
    shard = null;
    gone.lost();
  }

  /** False when too many wait. */
  boolean park(Parked request) {
    return parked.size() < PARKED_MAX && parked.add(request);
  }

  boolean hasParked() {
    return !parked.isEmpty();
  }

  /** All that wait, in order; they wait no longer. */
  List<Parked> unpark() {
    List<Parked> all = parked;
    parked = new ArrayList<>(0);
    return all;
  }

  private void move(State from, State to) {
    if (state != from) {
      throw new IllegalStateException("shard " + number + " is " + state + ", not " + from);
    }
    state = to;
  }
}
