package io.aetherflow.statesync.document;

import io.aetherflow.api.statesync.v1.ApplyOperationsRequest;
import io.aetherflow.api.statesync.v1.ApplyOperationsResponse;
import io.aetherflow.api.statesync.v1.ConflictPolicy;
import io.aetherflow.api.statesync.v1.Document;
import io.aetherflow.api.statesync.v1.Operation;
import io.aetherflow.api.statesync.v1.OperationBatch;
import io.aetherflow.api.statesync.v1.OperationDraft;
import io.aetherflow.api.statesync.v1.Presence;
import io.aetherflow.api.statesync.v1.SyncResponse;
import io.aetherflow.statesync.archive.SnapshotStore.Stored;
import io.aetherflow.statesync.document.Outcome.Done;
import io.aetherflow.statesync.document.Outcome.Refused;
import io.aetherflow.statesync.document.Refusal.Reason;
import io.aetherflow.statesync.document.Sequencer.Crowded;
import io.aetherflow.statesync.document.Sequencer.Fresh;
import io.aetherflow.statesync.document.Sequencer.Repeated;
import io.aetherflow.statesync.document.Sequencer.Stale;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** One document at its owner. Loop only. */
public final class DocumentState {
  /** One gateway's bound of unanswered operations, so that it alone never meets ours. */
  static final int PENDING_MAX = 4_096;

  /** Keeps one document from taking the process's whole share. */
  static final long PENDING_BYTES_MAX = 2 << 20;

  /** Operations that are still in the log. */
  private record Hot(long segment, OperationBatch batch) {}

  private record Waiter(
      long seq,
      int operations,
      long bytes,
      ApplyOperationsResponse response,
      Consumer<Outcome<ApplyOperationsResponse>> answer) {}

  private final String id;
  private final OwnedShard shard;
  private final DocumentMeta meta;
  private final Sequencer sequencer = new Sequencer();
  private final DocumentArchive archive;
  private final ArrayDeque<Hot> hot = new ArrayDeque<>(2);
  private final Set<Subscriber> subscribers = new LinkedHashSet<>(2);
  private final ArrayDeque<Waiter> waiters = new ArrayDeque<>(2);
  private int pending;
  private long pendingBytes;

  DocumentState(String id, OwnedShard shard) {
    this.id = id;
    this.shard = shard;
    this.archive = new DocumentArchive(id, shard);
    this.meta =
        new DocumentMeta(
            id,
            new DocumentStore.Fence(shard.number(), shard.epoch()),
            shard.context(),
            shard::fenced);
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
    return 1;
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
    return sequencer.placed() == 0 && subscribers.isEmpty() && meta.idle();
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

  /** The place of a client's operation if it is durable, or 0. */
  public long durableSeq(String clientId, long clientSeq) {
    return sequencer.look(clientId, clientSeq) instanceof Repeated(long seq) && seq <= head()
        ? seq
        : 0;
  }

  /** Operations from a place on, not beyond the present head; maybe fewer than there are. */
  public CompletableFuture<List<Operation>> read(long fromSeq, int operationsMax, int bytesMax) {
    if (fromSeq <= archive.archivedSeq()) {
      return archive.read(
          new OperationReader.Want(fromSeq, archive.archivedSeq(), operationsMax, bytesMax));
    }
    return CompletableFuture.completedFuture(
        OperationReader.pick(
            new OperationReader.Want(fromSeq, head(), operationsMax, bytesMax),
            hot.stream().map(Hot::batch).toList()));
  }

  /**
   * Moves operations from the log into the archive.
   *
   * @param throughSegment the last segment whose operations move
   * @return false when the shard has another owner
   */
  CompletableFuture<Boolean> archive(long throughSegment) {
    return archive.settled().thenCompose(known -> archiveNext(throughSegment));
  }

  private CompletableFuture<Boolean> archiveNext(long throughSegment) {
    List<Operation> operations = nextChunk(throughSegment);
    if (operations.isEmpty()) {
      forgetArchived(throughSegment);
      return CompletableFuture.completedFuture(true);
    }
    return archive
        .add(operations, sequencer.snapshotAt(operations.getLast().getSeq()).build())
        .thenComposeAsync(
            saved -> saved ? archive(throughSegment) : CompletableFuture.completedFuture(false),
            shard.context().loop());
  }

  /** The operations that follow the archived ones, as many as one chunk takes, without a hole. */
  private List<Operation> nextChunk(long throughSegment) {
    List<Operation> operations = new ArrayList<>();
    int bytes = 0;
    for (Hot each : hot) {
      if (each.segment() > throughSegment) {
        return operations;
      }
      for (Operation operation : each.batch().getOperationsList()) {
        if (operation.getSeq() <= archive.archivedSeq()) {
          continue;
        }
        bytes += operation.getSerializedSize();
        boolean full =
            bytes > DocumentArchive.CHUNK_BYTES_MAX
                || operations.size() == DocumentArchive.CHUNK_OPERATIONS_MAX;
        if (full && !operations.isEmpty()) {
          return operations;
        }
        operations.add(operation);
      }
    }
    return operations;
  }

  private void forgetArchived(long throughSegment) {
    while (!hot.isEmpty() && hot.peek().segment() <= throughSegment) {
      hot.remove();
    }
  }

  boolean hasHot(long throughSegment) {
    return !hot.isEmpty() && hot.peek().segment() <= throughSegment;
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
            case Done<Document>(Document document) -> apply(document, request, answer);
            case Refused<Document>(Refusal why) -> answer.accept(new Refused<>(why));
          }
          shard.forgetIfUnused(this);
        });
  }

  private void apply(
      Document document,
      ApplyOperationsRequest request,
      Consumer<Outcome<ApplyOperationsResponse>> answer) {
    Optional<Refusal> refusal = check(document, request);
    if (refusal.isPresent()) {
      answer.accept(new Refused<>(refusal.get()));
      return;
    }
    long last = 0;
    int operations = 0;
    long bytes = 0;
    ApplyOperationsResponse.Builder response =
        ApplyOperationsResponse.newBuilder().setEpoch(epoch());
    for (OperationDraft draft : request.getOperationsList()) {
      long seq =
          switch (sequencer.place(request.getClientId(), draft.getClientSeq())) {
            case Fresh(long fresh) -> {
              shard.stage(id, operation(fresh, request, draft));
              operations++;
              bytes += draft.getData().size();
              yield fresh;
            }
            case Repeated(long repeated) -> repeated;
            case Stale _, Crowded _ -> throw new IllegalStateException("checked before");
          };
      response.addSeqs(seq);
      last = Math.max(last, seq);
    }
    if (last <= head()) {
      answer.accept(new Done<>(response.build()));
      return;
    }
    pending += operations;
    pendingBytes += bytes;
    shard.context().admission().take(operations, bytes);
    waiters.add(new Waiter(last, operations, bytes, response.build(), answer));
  }

  private Optional<Refusal> check(Document document, ApplyOperationsRequest request) {
    if (!shard.serving()) {
      return refusal(Reason.NOT_OWNER, "document " + id + " is moving to another owner");
    }
    int fresh = 0;
    long bytes = 0;
    for (OperationDraft draft : request.getOperationsList()) {
      switch (sequencer.look(request.getClientId(), draft.getClientSeq())) {
        case Stale(long forgotten) -> {
          return refusal(
              Reason.STALE,
              "client_seq "
                  + draft.getClientSeq()
                  + " is not above "
                  + forgotten
                  + ", up to which repetitions are no longer known");
        }
        case Crowded _ -> {
          return refusal(Reason.LIMIT, "document " + id + " takes no further clients");
        }
        case Repeated _ -> {}
        case Fresh _ -> {
          if (conflicts(document, draft, fresh)) {
            return Optional.of(conflict(draft));
          }
          fresh++;
          bytes += draft.getData().size();
        }
      }
    }
    return quota(fresh, bytes);
  }

  /** The drafts of one request build on each other. */
  private boolean conflicts(Document document, OperationDraft draft, int before) {
    return document.getPolicy() == ConflictPolicy.CONFLICT_POLICY_REJECT
        && (draft.getBaseSeq() < sequencer.placed()
            || draft.getBaseSeq() > sequencer.placed() + before);
  }

  private Refusal conflict(OperationDraft draft) {
    return new Refusal(
        Reason.BASE_CONFLICT,
        "base_seq is " + draft.getBaseSeq() + " and the head " + sequencer.placed(),
        Map.of("head", Long.toString(sequencer.placed())));
  }

  private Optional<Refusal> quota(int fresh, long bytes) {
    if (fresh == 0) {
      return Optional.empty();
    }
    if (archive.full()) {
      return refusal(
          Reason.QUOTA, "document " + id + " has reached the size up to which history is kept");
    }
    boolean documentFull =
        pending + fresh > PENDING_MAX || pendingBytes + bytes > PENDING_BYTES_MAX;
    if (documentFull || !shard.context().admission().admits(fresh, bytes)) {
      return refusal(
          Reason.QUOTA,
          documentFull
              ? "document " + id + " has too many operations waiting for etcd"
              : "this instance has too many operations waiting for etcd");
    }
    if (!shard.context().admission().admitsHot(fresh, bytes)) {
      return refusal(
          Reason.QUOTA, "this instance has too many operations that are not archived yet");
    }
    return Optional.empty();
  }

  private static Optional<Refusal> refusal(Reason reason, String sentence) {
    return Optional.of(Refusal.of(reason, sentence));
  }

  private Operation operation(long seq, ApplyOperationsRequest request, OperationDraft draft) {
    return Operation.newBuilder()
        .setSeq(seq)
        .setClientId(request.getClientId())
        .setClientSeq(draft.getClientSeq())
        .setUser(request.getUser())
        .setData(draft.getData())
        .setCommitTime(shard.now())
        .build();
  }

  void restore(Stored stored) {
    archive.restore(stored);
    sequencer.restore(stored.snapshot());
  }

  /** Operations that were archived already may still be in the log. */
  void replay(OperationBatch batch, long segment) {
    for (Operation operation : batch.getOperationsList()) {
      if (operation.getSeq() > archive.archivedSeq()) {
        sequencer.replay(operation);
      }
    }
    hot.add(new Hot(segment, batch));
  }

  void committed(OperationBatch batch, long segment) {
    sequencer.committed(batch.getFirstSeq() + batch.getOperationsCount() - 1);
    hot.add(new Hot(segment, batch));
    while (!waiters.isEmpty() && waiters.peek().seq() <= head()) {
      Waiter waiter = waiters.remove();
      release(waiter);
      waiter.answer().accept(new Done<>(waiter.response()));
    }
    if (!subscribers.isEmpty()) {
      SyncResponse response = SyncResponse.newBuilder().setOperations(batch).build();
      List.copyOf(subscribers).forEach(subscriber -> subscriber.operations(this, response));
    }
  }

  /** The document is served here no longer. */
  void lost() {
    Refusal why =
        Refusal.of(
            Reason.EPOCH_FENCED,
            "document " + id + " has a new owner; the operations may be stored or not");
    while (!waiters.isEmpty()) {
      Waiter waiter = waiters.remove();
      release(waiter);
      waiter.answer().accept(new Refused<>(why));
    }
    List.copyOf(subscribers).forEach(subscriber -> subscriber.moved(id));
    subscribers.clear();
  }

  private void release(Waiter waiter) {
    pending -= waiter.operations();
    pendingBytes -= waiter.bytes();
    shard.context().admission().release(waiter.operations(), waiter.bytes());
  }
}
