package io.aetherflow.statesync.document;

import io.aetherflow.api.statesync.v1.AcquireLockRequest;
import io.aetherflow.api.statesync.v1.Lock;
import io.aetherflow.api.statesync.v1.LockEvent;
import io.aetherflow.api.statesync.v1.LockEvent.Kind;
import io.aetherflow.api.statesync.v1.ReleaseLockRequest;
import io.aetherflow.api.statesync.v1.RenewLockRequest;
import io.aetherflow.statesync.document.Outcome.Done;
import io.aetherflow.statesync.document.Outcome.Refused;
import io.aetherflow.statesync.document.Refusal.Reason;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Who holds the locks of one document, and until when. Taking and giving up are operations of the
 * document, which {@link Writer} places; only the time is kept here. Loop only.
 */
final class DocumentLocks {
  static final long TTL_MILLIS_DEFAULT = 30_000;

  /** Bounds what one document's locks take. */
  static final int LOCKS_MAX = 1_024;

  /** One timer for all, however often locks change hands; so much longer a lock may live. */
  private static final long SWEEP_MILLIS = 1_000;

  /** Places operations that have no data. */
  interface Writer {
    /** Why nothing can be placed now; empty when it can. */
    Optional<Refusal> refuse();

    /**
     * Places an event; the token of one that takes a lock is its place.
     *
     * @return the place
     */
    long place(LockEvent event, String user);

    void whenDurable(long seq, int operations, Runnable then, Consumer<Refusal> lost);
  }

  private final OwnedShard shard;
  private final Ledger ledger;
  private final Writer writer;

  /** When the holder of each lock must have renewed it. */
  private final Map<String, Long> endMillis = new HashMap<>(2);

  private boolean sweeping;

  /**
   * @param ledger as of the last operation placed
   */
  DocumentLocks(OwnedShard shard, Ledger ledger, Writer writer) {
    this.shard = shard;
    this.ledger = ledger;
    this.writer = writer;
  }

  /** After a takeover each holder has its whole time again: nobody knows what was left. */
  void begin() {
    ledger.locks().forEach(this::extend);
  }

  void acquire(AcquireLockRequest request, Consumer<Outcome<Lock>> answer) {
    Optional<Lock> held = ledger.lock(request.getLock());
    if (held.isPresent()) {
      if (held.get().getClientId().equals(request.getClientId())) {
        extend(held.get());
        answer(held.get(), 0, answer);
      } else {
        answer.accept(new Refused<>(DraftCheck.held(held.get())));
      }
      return;
    }
    Optional<Refusal> refusal =
        ledger.locks().size() < LOCKS_MAX
            ? writer.refuse()
            : Optional.of(Refusal.of(Reason.LIMIT, "the document has too many locks"));
    if (refusal.isPresent()) {
      answer.accept(new Refused<>(refusal.get()));
      return;
    }
    long ttl = request.getTtlMillis() == 0 ? TTL_MILLIS_DEFAULT : request.getTtlMillis();
    writer.place(
        LockEvent.newBuilder()
            .setLock(request.getLock())
            .setClientId(request.getClientId())
            .setKind(Kind.TAKEN)
            .setTtlMillis(ttl)
            .build(),
        request.getUser());
    Lock taken = ledger.lock(request.getLock()).orElseThrow();
    extend(taken);
    answer(taken, 1, answer);
  }

  void renew(RenewLockRequest request, Consumer<Outcome<Lock>> answer) {
    String name = request.getLock();
    Optional<Lock> held = ledger.lock(name, request.getToken(), request.getUser());
    held.ifPresent(this::extend);
    held.ifPresentOrElse(
        lock -> answer(lock, 0, answer),
        () ->
            answer.accept(
                new Refused<>(DraftCheck.lost(name, request.getToken(), request.getUser()))));
  }

  /** Done as well when it is not held any more, or not by this user. */
  void release(ReleaseLockRequest request, Consumer<Outcome<Lock>> answer) {
    String name = request.getLock();
    Lock gone = Lock.newBuilder().setLock(name).setToken(request.getToken()).build();
    Optional<Lock> held = ledger.lock(name, request.getToken(), request.getUser());
    Optional<Refusal> refusal = held.flatMap(lock -> writer.refuse());
    if (refusal.isPresent()) {
      answer.accept(new Refused<>(refusal.get()));
    } else if (held.isPresent()) {
      long seq = end(held.get(), Kind.RELEASED);
      writer.whenDurable(
          seq, 1, () -> answer.accept(new Done<>(gone)), why -> answer.accept(new Refused<>(why)));
    } else {
      answer.accept(new Done<>(gone));
    }
  }

  List<Lock> list() {
    return ledger.locks().stream().map(this::withRemaining).toList();
  }

  /** Only what is durable is told. */
  private void answer(Lock lock, int operations, Consumer<Outcome<Lock>> answer) {
    writer.whenDurable(
        lock.getToken(),
        operations,
        () -> answer.accept(new Done<>(withRemaining(lock))),
        why -> answer.accept(new Refused<>(why)));
  }

  private Lock withRemaining(Lock lock) {
    Long end = endMillis.get(lock.getLock());
    long left = end == null ? 0 : Math.max(0, end - now());
    return lock.toBuilder().setRemainingMillis(left).build();
  }

  private void extend(Lock lock) {
    endMillis.put(lock.getLock(), now() + lock.getTtlMillis());
    sweepLater();
  }

  private void sweepLater() {
    if (!sweeping && !endMillis.isEmpty()) {
      sweeping = true;
      shard.context().loop().after(SWEEP_MILLIS, this::sweep);
    }
  }

  private void sweep() {
    sweeping = false;
    if (!shard.serving()) {
      return;
    }
    for (Lock lock : List.copyOf(ledger.locks())) {
      Long end = endMillis.get(lock.getLock());
      if (end != null && end <= now() && writer.refuse().isEmpty()) {
        writer.whenDurable(end(lock, Kind.EXPIRED), 1, () -> {}, why -> {});
      }
    }
    sweepLater();
  }

  private long end(Lock lock, Kind kind) {
    endMillis.remove(lock.getLock());
    return writer.place(
        LockEvent.newBuilder()
            .setLock(lock.getLock())
            .setToken(lock.getToken())
            .setClientId(lock.getClientId())
            .setKind(kind)
            .build(),
        lock.getUser());
  }

  private long now() {
    return shard.context().clock().millis();
  }
}
