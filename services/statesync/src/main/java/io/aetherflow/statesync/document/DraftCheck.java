package io.aetherflow.statesync.document;

import io.aetherflow.api.statesync.v1.ApplyOperationsRequest;
import io.aetherflow.api.statesync.v1.ConflictPolicy;
import io.aetherflow.api.statesync.v1.Lock;
import io.aetherflow.api.statesync.v1.LockToken;
import io.aetherflow.api.statesync.v1.OperationDraft;
import io.aetherflow.statesync.archive.SnapshotStore;
import io.aetherflow.statesync.document.PropertyEdit.MalformedException;
import io.aetherflow.statesync.document.Refusal.Reason;
import io.aetherflow.statesync.document.Sequencer.Crowded;
import io.aetherflow.statesync.document.Sequencer.Fresh;
import io.aetherflow.statesync.document.Sequencer.Repeated;
import io.aetherflow.statesync.document.Sequencer.Stale;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Whether a request may be stored, as a whole. Its drafts build on each other. Changes nothing;
 * good for one request in one turn.
 */
final class DraftCheck {
  /** Bounds what unresolved conflicts pin, and their list. */
  static final int CONFLICTS_MAX = 1_024;

  /** The lock that every operation needs while somebody holds it. */
  static final String WHOLE_DOCUMENT = "*";

  private final String document;
  private final ConflictPolicy policy;
  private final Sequencer sequencer;
  private final Ledger ledger;
  private final Optional<Properties> properties;
  private final Set<Long> resolved = new HashSet<>();
  private int fresh;
  private long bytes;
  private long growth;
  private int parked;

  /**
   * @param properties of a property_lww document
   */
  DraftCheck(
      String document,
      ConflictPolicy policy,
      Sequencer sequencer,
      Ledger ledger,
      Optional<Properties> properties) {
    this.document = document;
    this.policy = policy;
    this.sequencer = sequencer;
    this.ledger = ledger;
    this.properties = properties;
  }

  /** Drafts that are no repetition, after {@link #refuse}. */
  int fresh() {
    return fresh;
  }

  /** Their data. */
  long bytes() {
    return bytes;
  }

  /** Whether the writer had not seen what holds, for the manual policy. */
  boolean parks(OperationDraft draft) {
    return policy == ConflictPolicy.CONFLICT_POLICY_MANUAL
        && draft.getResolvesSeq() == 0
        && draft.getBaseSeq() < ledger.effectiveSeq();
  }

  Optional<Refusal> refuse(ApplyOperationsRequest request) {
    for (OperationDraft draft : request.getOperationsList()) {
      Optional<Refusal> refusal =
          switch (sequencer.look(request.getClientId(), draft.getClientSeq())) {
            case Stale(long forgotten) ->
                refusal(
                    Reason.STALE,
                    "client_seq "
                        + draft.getClientSeq()
                        + " is not above "
                        + forgotten
                        + ", up to which repetitions are no longer known");
            case Crowded _ ->
                refusal(Reason.LIMIT, "document " + document + " takes no further clients");
            case Repeated _ -> Optional.empty();
            case Fresh _ -> fresh(draft, request.getUser());
          };
      if (refusal.isPresent()) {
        return refusal;
      }
    }
    return Optional.empty();
  }

  private Optional<Refusal> fresh(OperationDraft draft, String user) {
    Optional<Refusal> refusal =
        tokens(draft.getLocksList(), user)
            .or(() -> lockedBy(WHOLE_DOCUMENT, draft))
            .or(() ->
                draft.getResolvesSeq() == 0
                    ? base(draft).or(() -> properties.flatMap(now -> edit(now, draft)))
                    : resolution(draft));
    fresh++;
    bytes += draft.getData().size();
    return refusal;
  }

  private Optional<Refusal> tokens(List<LockToken> tokens, String user) {
    for (LockToken each : tokens) {
      if (ledger.lock(each.getLock(), each.getToken(), user).isEmpty()) {
        return Optional.of(lost(each.getLock(), each.getToken(), user));
      }
    }
    return Optional.empty();
  }

  static Refusal lost(String lock, long token, String user) {
    return Refusal.of(
        Reason.LOCK_LOST, "lock \"" + lock + "\" is not held by " + user + " under token " + token);
  }

  private Optional<Refusal> lockedBy(String name, OperationDraft draft) {
    boolean named = draft.getLocksList().stream().anyMatch(each -> each.getLock().equals(name));
    return named ? Optional.empty() : ledger.lock(name).map(DraftCheck::held);
  }

  static Refusal held(Lock lock) {
    return new Refusal(
        Reason.LOCK_HELD,
        "lock \"" + lock.getLock() + "\" is held by " + lock.getClientId(),
        Map.of("lock", lock.getLock(), "client_id", lock.getClientId()));
  }

  private Optional<Refusal> base(OperationDraft draft) {
    boolean unseen = draft.getBaseSeq() < ledger.effectiveSeq();
    boolean unborn = draft.getBaseSeq() > sequencer.placed() + fresh;
    return switch (policy) {
      case CONFLICT_POLICY_REJECT -> unseen || unborn ? conflict(draft) : Optional.empty();
      case CONFLICT_POLICY_MANUAL -> {
        if (unborn) {
          yield conflict(draft);
        }
        parked += unseen ? 1 : 0;
        yield parked > 0 && ledger.conflicts().size() + parked > CONFLICTS_MAX
            ? refusal(Reason.LIMIT, "document " + document + " has too many open conflicts")
            : Optional.empty();
      }
      default -> Optional.empty();
    };
  }

  private Optional<Refusal> conflict(OperationDraft draft) {
    return Optional.of(
        new Refusal(
            Reason.BASE_CONFLICT,
            "base_seq is " + draft.getBaseSeq() + " and the head " + sequencer.placed(),
            Map.of("head", Long.toString(sequencer.placed()))));
  }

  private Optional<Refusal> resolution(OperationDraft draft) {
    if (policy != ConflictPolicy.CONFLICT_POLICY_MANUAL) {
      return refusal(Reason.POLICY, "document " + document + " has no conflicts to resolve");
    }
    return ledger.conflicts().contains(draft.getResolvesSeq())
            && resolved.add(draft.getResolvesSeq())
        ? Optional.empty()
        : refusal(Reason.NOT_FOUND, "conflict " + draft.getResolvesSeq() + " is not open");
  }

  private Optional<Refusal> edit(Properties now, OperationDraft draft) {
    PropertyEdit edit;
    try {
      edit = PropertyEdit.parse(draft.getData());
    } catch (MalformedException e) {
      return refusal(Reason.INVALID, e.getMessage());
    }
    for (String property : edit.properties()) {
      Optional<Refusal> locked = lockedBy(property, draft);
      if (locked.isPresent()) {
        return locked;
      }
    }
    growth += now.growth(edit);
    // Deletions alone are always taken: tombstones make room for what holds.
    return !edit.set().isEmpty() && now.bytes() + growth > SnapshotStore.STATE_BYTES_MAX
        ? refusal(Reason.LIMIT, "the properties of document " + document + " would be too large")
        : Optional.empty();
  }

  private static Optional<Refusal> refusal(Reason reason, String sentence) {
    return Optional.of(Refusal.of(reason, sentence));
  }
}
