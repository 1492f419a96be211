package io.aetherflow.statesync.document;

import io.aetherflow.api.statesync.v1.AcquireLockRequest;
import io.aetherflow.api.statesync.v1.ApplyOperationsRequest;
import io.aetherflow.api.statesync.v1.ApplyOperationsResponse;
import io.aetherflow.api.statesync.v1.Conflict;
import io.aetherflow.api.statesync.v1.ConflictPolicy;
import io.aetherflow.api.statesync.v1.Document;
import io.aetherflow.api.statesync.v1.DocumentContent;
import io.aetherflow.api.statesync.v1.DocumentSnapshot;
import io.aetherflow.api.statesync.v1.Lock;
import io.aetherflow.api.statesync.v1.LockEvent;
import io.aetherflow.api.statesync.v1.Operation;
import io.aetherflow.api.statesync.v1.OperationBatch;
import io.aetherflow.api.statesync.v1.OperationDraft;
import io.aetherflow.api.statesync.v1.Presence;
import io.aetherflow.api.statesync.v1.PutStateResponse;
import io.aetherflow.api.statesync.v1.Resolution;
import io.aetherflow.api.statesync.v1.SyncResponse;
import io.aetherflow.statesync.archive.SnapshotStore.Stored;
import io.aetherflow.statesync.document.Outcome.Done;
import io.aetherflow.statesync.document.Outcome.Refused;
import io.aetherflow.statesync.document.Refusal.Reason;
import io.aetherflow.statesync.document.Sequencer.Crowded;
import io.aetherflow.statesync.document.Sequencer.Fresh;
import io.aetherflow.statesync.document.Sequencer.Repeated;
import io.aetherflow.statesync.document.Sequencer.Stale;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One document at its owner. Loop only. */
public final class DocumentState {
  private static final Logger LOG = LoggerFactory.getLogger(DocumentState.class);

  /** The writer of operations that the owner makes itself; a client's id is never empty. */
  private static final String OWNER = "";

  private final String id;
  private final OwnedShard shard;
  private final DocumentMeta meta;
  private final Sequencer sequencer = new Sequencer();
  private final DocumentHistory history;
  private final Waiters waiters;
  private final StoredState state;
  private final Set<Subscriber> subscribers = new LinkedHashSet<>(2);

  /** As of the last operation that was given a place. */
  private Ledger placed = new Ledger();

  /** As of the last durable one. */
  private Ledger durable = new Ledger();

  private DocumentLocks locks;

  DocumentState(String id, OwnedShard shard) {
    this.id = id;
    this.shard = shard;
    this.history = new DocumentHistory(id, shard);
    this.waiters = new Waiters(id, shard.context().admission());
    this.meta =
        new DocumentMeta(
            id,
            new DocumentStore.Fence(shard.number(), shard.epoch()),
            shard.context(),
            shard::fenced);
    this.state = new StoredState(id, shard, meta, history, sequencer, waiters);
    this.locks = new DocumentLocks(shard, placed, new LockWriter());
  }

  public String id() {
    return id;
  }

  public long head() {
    return sequencer.head();
  }

  public long epoch() {
    return shard.epoch();
  }

  /** The first operation that can be read. */
  public long firstSeq() {
    return history.archive().firstSeq();
  }

  /** The operation up to which a state is stored; 0 without one. */
  public long stateSeq() {
    return history.archive().stateSeq();
  }

  public void subscribe(Subscriber subscriber) {
    subscribers.add(subscriber);
  }

  public void unsubscribe(Subscriber subscriber) {
    subscribers.remove(subscriber);
    shard.forgetIfUnused(this);
  }

  /** Whether nothing would be lost with this object. */
  boolean unused() {
    return sequencer.placed() == 0
        && subscribers.isEmpty()
        && meta.idle()
        && state.idle()
        && waiters.isEmpty();
  }

  /** The stored description with the present head. */
  public void get(Consumer<Outcome<Document>> answer) {
    meta.get(outcome -> {
      answer.accept(
          outcome instanceof Done<Document>(Document document)
              ? new Done<>(document.toBuilder().setHead(head()).build())
              : outcome);
      shard.forgetIfUnused(this);
    });
  }

  public void create(Document document, Consumer<Outcome<Document>> answer) {
    meta.create(
        document,
        outcome -> {
          answer.accept(outcome);
          shard.forgetIfUnused(this);
        });
  }

  /** Later requests find no such document; subscribers keep what they have. */
  public void delete(Consumer<Outcome<Document>> answer) {
    meta.delete(outcome -> {
      answer.accept(outcome);
      shard.forgetIfUnused(this);
    });
  }

  /** What the operations amount to; of property_lww documents as of now. */
  public void content(Consumer<Outcome<DocumentContent>> answer) {
    state.get(outcome -> {
      answer.accept(outcome);
      shard.forgetIfUnused(this);
    });
  }

  /** Takes a state that a client supplies. */
  public void putContent(DocumentContent content, Consumer<Outcome<PutStateResponse>> answer) {
    Optional<Long> open = durable.conflicts().stream().findFirst();
    if (open.isPresent() && open.get() <= content.getSeq()) {
      answer.accept(
          new Refused<>(
              Refusal.of(Reason.POLICY, "conflict " + open.get() + " is open; resolve it first")));
      return;
    }
    state.put(
        content,
        outcome -> {
          answer.accept(outcome);
          shard.forgetIfUnused(this);
        });
  }

  /** The place of a client's operation if it is durable, or 0. */
  public long durableSeq(String clientId, long clientSeq) {
    return sequencer.look(clientId, clientSeq) instanceof Repeated(long seq) && seq <= head()
        ? seq
        : 0;
  }

  /**
   * Operations from a place on, not beyond the present head; maybe fewer than there are. Fails with
   * {@link TrimmedException} where they are trimmed.
   */
  public CompletableFuture<List<Operation>> read(long fromSeq, int operationsMax, int bytesMax) {
    return history.read(fromSeq, operationsMax, bytesMax);
  }

  /** The operations that are in conflict, oldest first. */
  public void conflicts(Consumer<Outcome<List<Operation>>> answer) {
    of(
        document -> {
          if (document.getPolicy() == ConflictPolicy.CONFLICT_POLICY_MANUAL) {
            new ConflictReader(history, shard.context()).read(durable.conflicts(), answer);
          } else {
            answer.accept(refused(Reason.POLICY, "document " + id + " has no conflicts"));
          }
        },
        answer);
  }

  public void acquireLock(AcquireLockRequest request, Consumer<Outcome<Lock>> answer) {
    of(document -> locks.acquire(request, answer), answer);
  }

  public void renewLock(String name, long token, Consumer<Outcome<Lock>> answer) {
    of(document -> locks.renew(name, token, answer), answer);
  }

  public void releaseLock(String name, long token, Consumer<Outcome<Lock>> answer) {
    of(document -> locks.release(name, token, answer), answer);
  }

  public void locks(Consumer<Outcome<List<Lock>>> answer) {
    of(document -> answer.accept(new Done<>(locks.list())), answer);
  }

  /** Goes on if there is such a document, and it is served here. */
  private <T> void of(Consumer<Document> then, Consumer<Outcome<T>> answer) {
    meta.get(outcome -> {
      switch (outcome) {
        case Done<Document>(Document document) -> then.accept(document);
        case Refused<Document>(Refusal why) -> answer.accept(new Refused<>(why));
      }
      shard.forgetIfUnused(this);
    });
  }

  private static <T> Outcome<T> refused(Reason reason, String sentence) {
    return new Refused<>(Refusal.of(reason, sentence));
  }

  /** Dropped by those that are slow. */
  public void publish(Presence presence, Subscriber from) {
    SyncResponse response = SyncResponse.newBuilder().setPresence(presence).build();
    for (Subscriber subscriber : subscribers) {
      if (subscriber != from) {
        subscriber.presence(this, response);
      }
    }
  }

  /**
   * Stores all drafts or none and answers when they are durable. The first operation makes the
   * document.
   */
  public void apply(
      ApplyOperationsRequest request, Consumer<Outcome<ApplyOperationsResponse>> answer) {
    meta.getOrCreate(
        request.getUser(),
        outcome -> {
          switch (outcome) {
            case Done<Document>(Document document) ->
                state.folded(
                    document,
                    properties -> {
                      apply(
                          request,
                          new DraftCheck(id, document.getPolicy(), sequencer, placed, properties),
                          answer);
                      shard.forgetIfUnused(this);
                    },
                    why -> {
                      refuse(request, why, answer);
                      shard.forgetIfUnused(this);
                    });
            case Refused<Document>(Refusal why) -> {
              refuse(request, why, answer);
              shard.forgetIfUnused(this);
            }
          }
        });
  }

  private void refuse(
      ApplyOperationsRequest request,
      Refusal why,
      Consumer<Outcome<ApplyOperationsResponse>> answer) {
    LOG.atDebug()
        .addKeyValue("action", "operations_refused")
        .addKeyValue("guuid", request.getGuuid())
        .log("{} of {}: {} {}", id, request.getClientId(), why.reason(), why.sentence());
    answer.accept(new Refused<>(why));
  }

  private void apply(
      ApplyOperationsRequest request,
      DraftCheck check,
      Consumer<Outcome<ApplyOperationsResponse>> answer) {
    Optional<Refusal> refusal =
        serving()
            .or(() -> check.refuse(request))
            .or(() -> check.fresh() == 0 ? Optional.empty() : room(check.fresh(), check.bytes()));
    if (refusal.isPresent()) {
      refuse(request, refusal.get(), answer);
      return;
    }
    // Decided for all drafts before the first is placed, for they build on each other.
    List<Boolean> parked = request.getOperationsList().stream().map(check::parks).toList();
    long headBefore = placed.effectiveSeq();
    ApplyOperationsResponse.Builder response =
        ApplyOperationsResponse.newBuilder().setEpoch(epoch());
    long last = 0;
    for (int i = 0; i < request.getOperationsCount(); i++) {
      OperationDraft draft = request.getOperations(i);
      long seq =
          switch (sequencer.place(request.getClientId(), draft.getClientSeq())) {
            case Fresh(long fresh) -> {
              Operation.Builder operation = operation(request, draft);
              if (parked.get(i)) {
                operation.setConflict(
                    Conflict.newBuilder().setBaseSeq(draft.getBaseSeq()).setHeadSeq(headBefore));
              }
              yield stage(operation.setSeq(fresh));
            }
            case Repeated(long repeated) -> repeated;
            case Stale _, Crowded _ -> throw new IllegalStateException("checked before");
          };
      response.addSeqs(seq);
      last = Math.max(last, seq);
    }
    answerWhenDurable(request, last, check, response.build(), answer);
  }

  private void answerWhenDurable(
      ApplyOperationsRequest request,
      long last,
      DraftCheck check,
      ApplyOperationsResponse response,
      Consumer<Outcome<ApplyOperationsResponse>> answer) {
    if (last <= head()) {
      answer.accept(new Done<>(response));
      return;
    }
    waiters.add(
        last,
        check.fresh(),
        check.bytes(),
        () -> {
          LOG.atDebug()
              .addKeyValue("action", "operations_durable")
              .addKeyValue("guuid", request.getGuuid())
              .log("{} of {}: {}", id, request.getClientId(), response.getSeqsList());
          answer.accept(new Done<>(response));
        },
        why -> refuse(request, why, answer));
  }

  private static Operation.Builder operation(ApplyOperationsRequest request, OperationDraft draft) {
    Operation.Builder operation =
        Operation.newBuilder()
            .setClientId(request.getClientId())
            .setClientSeq(draft.getClientSeq())
            .setUser(request.getUser())
            .setData(draft.getData());
    if (draft.getResolvesSeq() > 0) {
      operation.setResolution(Resolution.newBuilder().setSeq(draft.getResolvesSeq()));
    }
    return operation;
  }

  /** Returns the place. */
  private long stage(Operation.Builder draft) {
    Operation operation = draft.setCommitTime(shard.now()).build();
    placed.apply(operation);
    state.placed(operation);
    shard.stage(id, operation);
    return operation.getSeq();
  }

  private Optional<Refusal> serving() {
    return shard.serving()
        ? Optional.empty()
        : Optional.of(
            Refusal.of(Reason.NOT_OWNER, "document " + id + " is moving to another owner"));
  }

  private Optional<Refusal> room(int operations, long bytes) {
    return history.archive().full()
        ? Optional.of(
            Refusal.of(
                Reason.QUOTA,
                "document "
                    + id
                    + " has reached the size up to which history is kept; supply its state"))
        : waiters.refuse(operations, bytes);
  }

  private final class LockWriter implements DocumentLocks.Writer {
    @Override
    public Optional<Refusal> refuse() {
      return serving()
          .or(() ->
              sequencer.look(OWNER, sequencer.placed() + 1) instanceof Crowded
                  ? Optional.of(
                      Refusal.of(Reason.LIMIT, "document " + id + " takes no further clients"))
                  : room(1, 0));
    }

    @Override
    public long place(LockEvent event, String user) {
      long seq = sequencer.placed() + 1;
      sequencer.place(OWNER, seq);
      LockEvent.Builder dated = event.toBuilder();
      if (event.getKind() == LockEvent.Kind.TAKEN) {
        dated.setToken(seq);
      }
      return stage(
          Operation.newBuilder().setSeq(seq).setClientSeq(seq).setUser(user).setLock(dated));
    }

    @Override
    public void whenDurable(long seq, int operations, Runnable then, Consumer<Refusal> lost) {
      if (seq <= head()) {
        then.run();
      } else {
        waiters.add(seq, operations, 0, then, lost);
      }
    }
  }

  boolean hasHot(long throughSegment) {
    return history.hasHot(throughSegment);
  }

  /**
   * Moves operations from the log into the archive.
   *
   * @param throughSegment the last segment whose operations move
   * @return false when the shard has another owner
   */
  CompletableFuture<Boolean> archive(long throughSegment) {
    return history
        .archive(throughSegment, this::snapshotAt)
        .thenComposeAsync(
            owned -> owned ? state.foldIfDue() : CompletableFuture.completedFuture(false),
            shard.context().loop());
  }

  private DocumentSnapshot snapshotAt(long seq) {
    DocumentSnapshot.Builder snapshot = sequencer.snapshotAt(seq);
    durable.writeTo(snapshot);
    return snapshot.build();
  }

  void restore(Stored stored) {
    history.restore(stored);
    sequencer.restore(stored.snapshot());
    placed = Ledger.of(stored.snapshot());
    durable = Ledger.of(stored.snapshot());
    locks = new DocumentLocks(shard, placed, new LockWriter());
  }

  /** Operations that were archived already may still be in the log. */
  void replay(OperationBatch batch, long segment) {
    for (Operation operation : batch.getOperationsList()) {
      if (operation.getSeq() > history.archive().archivedSeq()) {
        sequencer.replay(operation);
        placed.apply(operation);
        durable.apply(operation);
      }
    }
    history.add(batch, segment);
  }

  /** Everything that is stored was taken in. */
  void begin() {
    locks.begin();
  }

  void committed(OperationBatch batch, long segment) {
    sequencer.committed(batch.getFirstSeq() + batch.getOperationsCount() - 1);
    batch.getOperationsList().forEach(durable::apply);
    history.add(batch, segment);
    waiters.durable(head());
    if (!subscribers.isEmpty()) {
      SyncResponse response = SyncResponse.newBuilder().setOperations(batch).build();
      List.copyOf(subscribers).forEach(subscriber -> subscriber.operations(this, response));
    }
  }

  /** Nothing is known of it, and nobody asks. */
  void forgotten() {
    state.lost();
  }

  /** The document is served here no longer. */
  void lost() {
    waiters.lost(
        Refusal.of(
            Reason.EPOCH_FENCED,
            "document " + id + " has a new owner; the operations may be stored or not"));
    state.lost();
    List.copyOf(subscribers).forEach(subscriber -> subscriber.moved(id));
    subscribers.clear();
  }
}
