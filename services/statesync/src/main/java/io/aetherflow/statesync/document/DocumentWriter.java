package io.aetherflow.statesync.document;

import io.aetherflow.api.statesync.v1.ApplyOperationsRequest;
import io.aetherflow.api.statesync.v1.ApplyOperationsResponse;
import io.aetherflow.api.statesync.v1.Conflict;
import io.aetherflow.api.statesync.v1.Document;
import io.aetherflow.api.statesync.v1.LockEvent;
import io.aetherflow.api.statesync.v1.Operation;
import io.aetherflow.api.statesync.v1.OperationDraft;
import io.aetherflow.api.statesync.v1.Resolution;
import io.aetherflow.api.statesync.v1.Restore;
import io.aetherflow.runtime.trace.SpanRef;
import io.aetherflow.statesync.document.DocumentVersions.Restoring;
import io.aetherflow.statesync.document.Outcome.Done;
import io.aetherflow.statesync.document.Outcome.Refused;
import io.aetherflow.statesync.document.Refusal.Reason;
import io.aetherflow.statesync.document.Sequencer.Crowded;
import io.aetherflow.statesync.document.Sequencer.Fresh;
import io.aetherflow.statesync.document.Sequencer.Repeated;
import io.aetherflow.statesync.document.Sequencer.Stale;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives operations of one document their place and sees them durable. Loop only. */
final class DocumentWriter implements DocumentLocks.Writer {
  private static final Logger LOG = LoggerFactory.getLogger(DocumentWriter.class);

  /** The writer of operations that the owner makes itself; a client's id is never empty. */
  private static final String OWNER = "";

  private final String id;
  private final OwnedShard shard;
  private final Sequencer sequencer;
  private final Ledger ledger;
  private final DocumentHistory history;
  private final Waiters waiters;
  private final StoredState state;

  /**
   * @param ledger as of the last operation that was given a place
   */
  DocumentWriter(
      String id,
      OwnedShard shard,
      Sequencer sequencer,
      Ledger ledger,
      DocumentHistory history,
      Waiters waiters,
      StoredState state) {
    this.id = id;
    this.shard = shard;
    this.sequencer = sequencer;
    this.ledger = ledger;
    this.history = history;
    this.waiters = waiters;
    this.state = state;
  }

  /**
   * Stores all drafts or none and answers when they are durable.
   *
   * @param restore what they restore
   */
  void apply(
      Document document,
      ApplyOperationsRequest request,
      Optional<Restore> restore,
      Consumer<Outcome<ApplyOperationsResponse>> answer) {
    state.folded(
        document,
        properties ->
            apply(
                request,
                new DraftCheck(id, document.getPolicy(), sequencer, ledger, properties),
                restore,
                answer),
        why -> refuse(request, why, answer));
  }

  /** A restore is made in the turn in which it is placed, so its base is the newest there is. */
  void restore(
      Document document, Restoring restoring, Consumer<Outcome<ApplyOperationsResponse>> answer) {
    List<Long> before = placesBefore(restoring.request());
    if (!before.isEmpty()) {
      answerWhenSo(restoring.request(), before, before.getLast(), answer);
      return;
    }
    ApplyOperationsRequest.Builder request = restoring.request().toBuilder().clearOperations();
    for (OperationDraft draft : restoring.request().getOperationsList()) {
      request.addOperations(draft.toBuilder().setBaseSeq(sequencer.placed()));
    }
    if (request.getOperationsCount() == 0) {
      // What was compared holds operations that are not durable yet.
      answerWhenSo(restoring.request(), List.of(), sequencer.placed(), answer);
      return;
    }
    Restore restore =
        Restore.newBuilder()
            .setVersion(restoring.version().getName())
            .setSeq(restoring.version().getSeq())
            .build();
    apply(document, request.build(), Optional.of(restore), answer);
  }

  /** Answers without storing anything, when all up to a place is durable. */
  private void answerWhenSo(
      ApplyOperationsRequest request,
      List<Long> seqs,
      long through,
      Consumer<Outcome<ApplyOperationsResponse>> answer) {
    ApplyOperationsResponse response =
        ApplyOperationsResponse.newBuilder().setEpoch(shard.epoch()).addAllSeqs(seqs).build();
    serving()
        .ifPresentOrElse(
            why -> refuse(request, why, answer),
            () ->
                whenDurable(
                    through,
                    0,
                    () -> answer.accept(new Done<>(response)),
                    why -> refuse(request, why, answer)));
  }

  /** Where the operations of the same restore were placed; all of them or none were. */
  private List<Long> placesBefore(ApplyOperationsRequest request) {
    List<Long> places = new ArrayList<>();
    while (sequencer.look(request.getClientId(), places.size() + 1L)
        instanceof Repeated(long place)) {
      places.add(place);
    }
    return places;
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
      Optional<Restore> restore,
      Consumer<Outcome<ApplyOperationsResponse>> answer) {
    Optional<Refusal> refusal =
        serving()
            .or(() -> check.refuse(request))
            .or(() -> check.fresh() == 0 ? Optional.empty() : room(check.fresh(), check.bytes()));
    if (refusal.isPresent()) {
      refuse(request, refusal.get(), answer);
      return;
    }
    SpanRef step = new SpanRef(request.getGuuid(), request.getParentSpan());
    // Decided for all drafts before the first is placed, for they build on each other.
    List<Boolean> parked = request.getOperationsList().stream().map(check::parks).toList();
    long headBefore = ledger.effectiveSeq();
    ApplyOperationsResponse.Builder response =
        ApplyOperationsResponse.newBuilder().setEpoch(shard.epoch());
    long last = 0;
    for (int i = 0; i < request.getOperationsCount(); i++) {
      OperationDraft draft = request.getOperations(i);
      long seq =
          switch (sequencer.place(request.getClientId(), draft.getClientSeq())) {
            case Fresh(long fresh) -> {
              Operation.Builder operation = operation(request, draft);
              restore.ifPresent(operation::setRestore);
              if (parked.get(i)) {
                operation.setConflict(
                    Conflict.newBuilder().setBaseSeq(draft.getBaseSeq()).setHeadSeq(headBefore));
              }
              yield stage(operation.setSeq(fresh), step);
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
    if (last <= sequencer.head()) {
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
  private long stage(Operation.Builder draft, SpanRef step) {
    Operation operation = draft.setCommitTime(shard.now()).build();
    ledger.apply(operation);
    state.placed(operation);
    shard.stage(id, operation, step);
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
        Operation.newBuilder().setSeq(seq).setClientSeq(seq).setUser(user).setLock(dated),
        SpanRef.NONE);
  }

  @Override
  public void whenDurable(long seq, int operations, Runnable then, Consumer<Refusal> lost) {
    if (seq <= sequencer.head()) {
      then.run();
    } else {
      waiters.add(seq, operations, 0, then, lost);
    }
  }
}
