package io.aetherflow.statesync.document;

import java.util.ArrayDeque;
import java.util.Optional;
import java.util.function.Consumer;

/** Who waits until one document's log is durable up to a place, and what is pinned by them. */
final class Waiters {
  /** One gateway's bound of unanswered operations, so that it alone never meets ours. */
  static final int PENDING_MAX = 4_096;

  /**
   * Bounds repetitions and reads that wait for what others placed, while etcd is away: a gateway
   * may repeat all that it has unanswered.
   */
  static final int FOLLOWERS_MAX = PENDING_MAX;

  /** Keeps one document from taking the process's whole share. */
  static final long PENDING_BYTES_MAX = 2 << 20;

  private record Waiter(
      long seq,
      int operations,
      long bytes,
      long readBytes,
      long takenNs,
      Runnable durable,
      Consumer<Refusal> lost) {}

  private final String document;
  private final Admission admission;
  private final ArrayDeque<Waiter> waiters = new ArrayDeque<>(2);
  private int pending;
  private int followers;
  private long pendingBytes;

  Waiters(String document, Admission admission) {
    this.document = document;
    this.admission = admission;
  }

  /** Why these are too many more; empty when they are not. */
  Optional<Refusal> refuse(int operations, long bytes) {
    boolean documentFull =
        pending + operations > PENDING_MAX || pendingBytes + bytes > PENDING_BYTES_MAX;
    if (documentFull || !admission.admits(bytes)) {
      return refusal(
          documentFull
              ? "document " + document + " has too many operations waiting for etcd"
              : "this instance has too many operations waiting for etcd");
    }
    if (!admission.admitsHot(operations, bytes)) {
      return refusal("this instance has too many operations that are not archived yet");
    }
    return Optional.empty();
  }

  private static Optional<Refusal> refusal(String sentence) {
    return Optional.of(Refusal.busy(sentence));
  }

  /**
   * Waits for a place that was given already.
   *
   * @param operations that this one has had placed; of those with none too many are lost at once
   */
  void add(long seq, int operations, long bytes, Runnable durable, Consumer<Refusal> lost) {
    if (operations == 0 && followers == FOLLOWERS_MAX) {
      lost.accept(tooManyFollowers());
      return;
    }
    add(seq, operations, bytes, 0, durable, lost);
  }

  /** Why a read that holds so much must not wait; empty when it may. */
  Optional<Refusal> refuseRead(long bytes) {
    if (followers == FOLLOWERS_MAX) {
      return Optional.of(tooManyFollowers());
    }
    return admission.admitsRead(bytes)
        ? Optional.empty()
        : refusal("the states that wait for etcd take too much of this instance's memory");
  }

  /** Waits with what was read up to a place that was given already. */
  void addRead(long seq, long bytes, Runnable durable, Consumer<Refusal> lost) {
    add(seq, 0, 0, bytes, durable, lost);
  }

  private Refusal tooManyFollowers() {
    return Refusal.busy("too many wait for document " + document + " and etcd");
  }

  private void add(
      long seq,
      int operations,
      long bytes,
      long readBytes,
      Runnable durable,
      Consumer<Refusal> lost) {
    followers += operations == 0 ? 1 : 0;
    pending += operations;
    pendingBytes += bytes;
    admission.addRead(readBytes);
    long takenNs = admission.take(operations, bytes);
    waiters.add(new Waiter(seq, operations, bytes, readBytes, takenNs, durable, lost));
  }

  boolean isEmpty() {
    return waiters.isEmpty();
  }

  int pending() {
    return pending;
  }

  void durable(long head) {
    while (!waiters.isEmpty() && waiters.peek().seq() <= head) {
      Waiter waiter = remove();
      if (waiter.operations() > 0) {
        admission.durable(waiter.operations(), waiter.bytes(), waiter.takenNs());
      } else {
        // It waited for what another had placed, for any part of the time that this one takes.
        admission.release(0, waiter.bytes());
      }
      waiter.durable().run();
    }
  }

  void lost(Refusal why) {
    while (!waiters.isEmpty()) {
      Waiter waiter = remove();
      admission.release(waiter.operations(), waiter.bytes());
      waiter.lost().accept(why);
    }
  }

  private Waiter remove() {
    Waiter waiter = waiters.remove();
    pending -= waiter.operations();
    followers -= waiter.operations() == 0 ? 1 : 0;
    pendingBytes -= waiter.bytes();
    admission.addRead(-waiter.readBytes());
    return waiter;
  }
}
