package io.aetherflow.statesync.document;

import io.aetherflow.api.statesync.v1.AcquireLockRequest;
import io.aetherflow.api.statesync.v1.ApplyOperationsRequest;
import io.aetherflow.api.statesync.v1.ApplyOperationsResponse;
import io.aetherflow.api.statesync.v1.ConflictPolicy;
import io.aetherflow.api.statesync.v1.CreateVersionRequest;
import io.aetherflow.api.statesync.v1.Document;
import io.aetherflow.api.statesync.v1.DocumentContent;
import io.aetherflow.api.statesync.v1.DocumentSnapshot;
import io.aetherflow.api.statesync.v1.DocumentStats;
import io.aetherflow.api.statesync.v1.Lock;
import io.aetherflow.api.statesync.v1.Operation;
import io.aetherflow.api.statesync.v1.OperationBatch;
import io.aetherflow.api.statesync.v1.Presence;
import io.aetherflow.api.statesync.v1.PutStateResponse;
import io.aetherflow.api.statesync.v1.ReleaseLockRequest;
import io.aetherflow.api.statesync.v1.RenewLockRequest;
import io.aetherflow.api.statesync.v1.RestoreVersionRequest;
import io.aetherflow.api.statesync.v1.SyncResponse;
import io.aetherflow.api.statesync.v1.Version;
import io.aetherflow.api.statesync.v1.VersionContent;
import io.aetherflow.statesync.archive.SnapshotStore.Stored;
import io.aetherflow.statesync.document.Outcome.Done;
import io.aetherflow.statesync.document.Outcome.Refused;
import io.aetherflow.statesync.document.Refusal.Reason;
import io.aetherflow.statesync.document.Sequencer.Repeated;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** One document at its owner. Loop only. */
public final class DocumentState {
  private final String id;
  private final OwnedShard shard;
  private final DocumentMeta meta;
  private final Sequencer sequencer = new Sequencer();
  private final DocumentHistory history;
  private final Waiters waiters;
  private final StoredState state;
  private final DocumentVersions versions;
  private final Set<Subscriber> subscribers = new LinkedHashSet<>(2);

  /** As of the last operation that was given a place. */
  private final Ledger placed = new Ledger();

  /** As of the last durable one. */
  private final Ledger durable = new Ledger();

  private final DocumentWriter writer;
  private final DocumentLocks locks;

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
    this.versions = new DocumentVersions(id, shard, state, sequencer::head);
    this.writer = new DocumentWriter(id, shard, sequencer, placed, history, waiters, state);
    this.locks = new DocumentLocks(shard, placed, writer);
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
    if (subscribers.add(subscriber)) {
      shard.context().totals().subscriptions(1);
    }
  }

  public void unsubscribe(Subscriber subscriber) {
    if (subscribers.remove(subscriber)) {
      shard.context().totals().subscriptions(-1);
    }
    shard.forgetIfUnused(this);
  }

  /** Whether nothing would be lost with this object. */
  boolean unused() {
    return sequencer.placed() == 0
        && subscribers.isEmpty()
        && meta.idle()
        && state.idle()
        && versions.idle()
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
    meta.create(document, finished(answer));
  }

  /** Later requests find no such document; subscribers keep what they have. */
  public void delete(Consumer<Outcome<Document>> answer) {
    meta.delete(finished(answer));
  }

  /** What the operations amount to; of property_lww documents as of now. */
  public void content(Consumer<Outcome<DocumentContent>> answer) {
    state.get(finished(answer));
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
    state.put(content, finished(answer));
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

  public void renewLock(RenewLockRequest request, Consumer<Outcome<Lock>> answer) {
    of(document -> locks.renew(request, answer), answer);
  }

  public void releaseLock(ReleaseLockRequest request, Consumer<Outcome<Lock>> answer) {
    of(document -> locks.release(request, answer), answer);
  }

  public void locks(Consumer<Outcome<List<Lock>>> answer) {
    of(document -> answer.accept(new Done<>(locks.list())), answer);
  }

  public void createVersion(CreateVersionRequest request, Consumer<Outcome<Version>> answer) {
    of(document -> versions.create(document, request, finished(answer)), answer);
  }

  public void versions(Consumer<Outcome<List<Version>>> answer) {
    of(document -> versions.list(answer), answer);
  }

  public void version(String name, Consumer<Outcome<VersionContent>> answer) {
    of(document -> versions.get(name, answer), answer);
  }

  public void deleteVersion(String name, Consumer<Outcome<Boolean>> answer) {
    of(document -> versions.delete(name, answer), answer);
  }

  /** Makes the document as a version was, by operations. */
  public void restoreVersion(
      RestoreVersionRequest request, Consumer<Outcome<ApplyOperationsResponse>> answer) {
    of(
        document ->
            versions.restore(
                document,
                request,
                restoring -> writer.restore(document, restoring, answer),
                why -> answer.accept(new Refused<>(why))),
        answer);
  }

  public DocumentStats stats() {
    return DocumentStats.newBuilder()
        .setDocument(id)
        .setEpoch(epoch())
        .setHead(head())
        .setFirstSeq(firstSeq())
        .setArchivedSeq(history.archive().archivedSeq())
        .setArchivedBytes(history.archive().bytes())
        .setStateSeq(stateSeq())
        .setClients(sequencer.clients())
        .setSubscribers(subscribers.size())
        .setOperationsWaiting(waiters.pending())
        .setLocks(durable.locks().size())
        .setConflicts(durable.conflicts().size())
        .build();
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
                writer.apply(document, request, Optional.empty(), finished(answer));
            case Refused<Document>(Refusal why) -> finished(answer).accept(new Refused<>(why));
          }
        });
  }

  /** The last thing that is done for a request. */
  private <T> Consumer<Outcome<T>> finished(Consumer<Outcome<T>> answer) {
    return outcome -> {
      answer.accept(outcome);
      shard.forgetIfUnused(this);
    };
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
    placed.restore(stored.snapshot());
    durable.restore(stored.snapshot());
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
    long bytes = 0;
    for (Operation operation : batch.getOperationsList()) {
      durable.apply(operation);
      bytes += operation.getData().size();
    }
    shard.context().totals().durable(batch.getOperationsCount(), bytes);
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
    shard.context().totals().subscriptions(-subscribers.size());
    subscribers.clear();
  }
}
