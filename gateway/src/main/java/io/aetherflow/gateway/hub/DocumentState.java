package io.aetherflow.gateway.hub;

import io.aetherflow.api.statesync.v1.ApplyResult;
import io.aetherflow.api.statesync.v1.Attach;
import io.aetherflow.api.statesync.v1.Attached;
import io.aetherflow.api.statesync.v1.Detach;
import io.aetherflow.api.statesync.v1.Moved;
import io.aetherflow.api.statesync.v1.OperationBatch;
import io.aetherflow.api.statesync.v1.OperationDraft;
import io.aetherflow.api.statesync.v1.Presence;
import io.aetherflow.api.statesync.v1.SyncRequest;
import io.aetherflow.gateway.hub.HubIo.OwnerLink;
import io.aetherflow.gateway.hub.Subscription.From;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * One document at one gateway: finds its owner, stays attached to it through failovers, and keeps
 * the clients' unanswered operations. What each socket gets is {@link Delivery}'s business. No I/O,
 * no threads, no clock of its own; every method is called on the hub's thread.
 */
final class DocumentState {
  /** An owner that does not confirm an attach in this time is looked up again. */
  static final long ATTACH_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(5);

  /** An owner that does not answer an operation in this time is taken for hung. */
  static final long ANSWER_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(10);

  /**
   * An owner that has said nothing for this time is not waited for blindly: it may be paused or cut
   * off, and another may have taken the document over, which this one cannot know.
   */
  static final long SUSPECT_NS = TimeUnit.MILLISECONDS.toNanos(600);

  /** Reasons that mean "somebody else owns it": ours to repair, not the client's to see. */
  private static final Set<String> REROUTED = Set.of("NOT_OWNER", "EPOCH_FENCED");

  /** Attempts in which a shorter log is taken for a deposed owner's, not for a restored one. */
  private static final int SHORTER_LOG_ATTEMPTS = 10;

  private final String document;
  private final HubIo io;
  private final Delivery delivery;
  private final PendingOperations pending;

  private Link link = new Link.Idle();
  private long locateTicket;

  /** The question for a successor in flight, or 0. */
  private long successorTicket;

  private int attempts;

  private sealed interface Link {
    record Idle() implements Link {}

    record Locating(long ticket, long sinceNs) implements Link {}

    record Attaching(OwnerLink owner, long sinceNs) implements Link {}

    record Live(OwnerLink owner) implements Link {}
  }

  DocumentState(String document, HubIo io) {
    this.document = document;
    this.io = io;
    this.delivery = new Delivery(document, io);
    this.pending = new PendingOperations(io.pendingBudget());
  }

  Delivery delivery() {
    return delivery;
  }

  int pendingOperations() {
    return pending.size();
  }

  void attach(Subscriber subscriber, From from) {
    delivery.add(subscriber, from);
    if (link instanceof Link.Idle) {
      relocate();
    }
  }

  /** True when nobody is left, so that the document can be forgotten. */
  boolean detach(Subscriber subscriber) {
    delivery.remove(subscriber);
    if (!delivery.isEmpty()) {
      return false;
    }
    SyncRequest detach =
        SyncRequest.newBuilder().setDetach(Detach.newBuilder().setDocument(document)).build();
    // Operations that wait in the stream take memory until they have left it.
    owner().ifPresentOrElse(owner -> owner.send(detach, pending::clear), pending::clear);
    link = new Link.Idle();
    return true;
  }

  /**
   * @param trace ends with the answer
   */
  void submit(Subscriber from, String user, OperationDraft draft, MessageTrace trace) {
    var known = pending.find(from.clientId(), draft.getClientSeq());
    if (known.isPresent()) {
      known.get().submitter = from;
      trace.span().fail("an earlier message of the same operation is under way");
      return;
    }
    if (!pending.reserve(draft.getData().size())) {
      trace.span().fail("QUOTA");
      from.nacked(document, draft.getClientSeq(), "QUOTA", true);
      return;
    }
    var entry = pending.add(from, user, draft, trace, io.nowNs());
    if (link instanceof Link.Live live) {
      send(live.owner(), from.clientId(), entry);
    }
  }

  /** Shown to this gateway's sockets at once; dropped rather than queued towards the owner. */
  void publishPresence(Presence presence) {
    delivery.presence(presence);
    if (link instanceof Link.Live live) {
      live.owner().sendPresence(SyncRequest.newBuilder().setPresence(presence).build());
    }
  }

  void onLocated(long ticket, String address) {
    if (link instanceof Link.Locating locating && locating.ticket() == ticket) {
      attachAt(address);
    }
  }

  void onLocateFailed(long ticket) {
    if (link instanceof Link.Locating locating && locating.ticket() == ticket) {
      relocate();
    }
  }

  void onAttached(OwnerLink from, Attached attached) {
    if (!(link instanceof Link.Attaching attaching) || attaching.owner() != from) {
      return;
    }
    if (attached.getHead() < delivery.last() && attempts < SHORTER_LOG_ATTEMPTS) {
      relocate();
      return;
    }
    link = new Link.Live(from);
    attempts = 0;
    delivery.onAttached(attached);
    for (Map.Entry<PendingOperations.Key, PendingOperations.Entry> entry : pending.inOrder()) {
      send(from, entry.getKey().clientId(), entry.getValue());
    }
  }

  void onOperations(OwnerLink from, OperationBatch batch) {
    if (link instanceof Link.Live live && live.owner() == from && !delivery.onOperations(batch)) {
      attempts++;
      attachAt(from.address());
    }
  }

  void onResult(OwnerLink from, ApplyResult result) {
    if (!isCurrent(from)) {
      return;
    }
    boolean rerouted = false;
    for (ApplyResult.Outcome outcome : result.getOutcomesList()) {
      if (outcome.getSeq() == 0 && REROUTED.contains(outcome.getReason())) {
        rerouted = true;
        continue;
      }
      pending
          .remove(result.getClientId(), outcome.getClientSeq())
          .ifPresent(entry -> answer(entry, outcome));
    }
    if (rerouted && link instanceof Link.Live) {
      relocate();
    }
  }

  void onPresence(OwnerLink from, Presence presence) {
    if (isCurrent(from) && !delivery.isLocal(presence.getClientId())) {
      delivery.presence(presence);
    }
  }

  void onMoved(OwnerLink from, Moved moved) {
    if (!isCurrent(from)) {
      return;
    }
    boolean hinted = !moved.getAddress().isEmpty() && !moved.getAddress().equals(from.address());
    if (hinted && attempts == 0) {
      attempts++;
      attachAt(moved.getAddress());
    } else {
      relocate();
    }
  }

  /**
   * The stream to an owner has ended.
   *
   * @param successor who has taken over a document of the same owner, and knows where the others
   *     are; empty when nobody is known
   */
  void onLinkBroken(OwnerLink broken, String successor) {
    if (!isCurrent(broken)) {
      return;
    }
    if (successor.isEmpty()) {
      // The first look may find that only the stream was lost; then the owner is taken for dead.
      relocate(delivery.epoch());
    } else {
      attachAt(successor);
    }
  }

  /** Called a few times a second while the document is in use. */
  void onTick() {
    long now = io.nowNs();
    switch (link) {
      case Link.Idle() -> {}
      case Link.Locating(long _, long sinceNs) -> {
        if (now - sinceNs > ATTACH_TIMEOUT_NS) {
          relocate();
        }
      }
      case Link.Attaching(OwnerLink owner, long sinceNs) -> {
        if (now - sinceNs > ATTACH_TIMEOUT_NS) {
          owner.abandon("no answer to attach of " + document);
        } else if (now - sinceNs > SUSPECT_NS) {
          suspect();
        }
      }
      case Link.Live(OwnerLink owner) -> {
        if (pending.anySentBefore(now - ANSWER_TIMEOUT_NS)) {
          owner.abandon("no answer to an operation on " + document);
        } else if (pending.anySentBefore(now - SUSPECT_NS)) {
          suspect();
        }
      }
    }
  }

  private void suspect() {
    if (successorTicket == 0) {
      successorTicket = ++locateTicket;
      io.successor(document, successorTicket, Math.max(1, delivery.epoch()));
    }
  }

  /**
   * The answer to who owns the document under a later epoch. All documents of a silent owner that
   * has lost one are looked up again: readers have no unanswered operation to notice it by.
   *
   * @param address empty when nobody could be asked
   */
  void onSuccessor(long ticket, String address, long epoch) {
    if (ticket != successorTicket) {
      return;
    }
    successorTicket = 0;
    Optional<OwnerLink> silent =
        owner()
            .filter(owner ->
                epoch > delivery.epoch() && !address.isEmpty() && !address.equals(owner.address()));
    if (silent.isPresent()) {
      silent.get().abandonFor(address);
      onLinkBroken(silent.get(), address);
    }
  }

  private void relocate() {
    relocate(0);
  }

  private void relocate(long staleEpoch) {
    long ticket = ++locateTicket;
    link = new Link.Locating(ticket, io.nowNs());
    if (attempts++ == 0) {
      io.locate(document, ticket, 0);
      return;
    }
    long ceilingMillis = Math.min(500, 25L << Math.min(attempts, 5));
    io.after(
        ceilingMillis / 2 + io.random(ceilingMillis / 2),
        () -> {
          if (link instanceof Link.Locating locating && locating.ticket() == ticket) {
            link = new Link.Locating(ticket, io.nowNs());
            io.locate(document, ticket, staleEpoch);
          }
        });
  }

  private void attachAt(String address) {
    OwnerLink owner = io.link(address);
    link = new Link.Attaching(owner, io.nowNs());
    owner.send(
        SyncRequest.newBuilder()
            .setAttach(
                Attach.newBuilder().setDocument(document).setFromSeq(delivery.resumeFromSeq()))
            .build());
  }

  private void send(OwnerLink owner, String clientId, PendingOperations.Entry entry) {
    entry.sentNs = io.nowNs();
    owner.send(SyncRequest.newBuilder().setApply(entry.request(document, clientId)).build());
  }

  private void answer(PendingOperations.Entry entry, ApplyResult.Outcome outcome) {
    MessageTrace trace = entry.trace;
    if (outcome.getSeq() > 0) {
      trace.span().tag("aetherflow.seq", outcome.getSeq()).end();
      entry.submitter.acked(
          document, outcome.getClientSeq(), outcome.getSeq(), trace.recordedGuuid());
    } else {
      trace.span().fail(outcome.getReason());
      entry.submitter.nacked(
          document, outcome.getClientSeq(), outcome.getReason(), outcome.getRetryable());
    }
  }

  private boolean isCurrent(OwnerLink candidate) {
    return owner().filter(owner -> owner == candidate).isPresent();
  }

  /** The stream this document uses or waits for. */
  Optional<OwnerLink> owner() {
    return switch (link) {
      case Link.Attaching(OwnerLink owner, long _) -> Optional.of(owner);
      case Link.Live(OwnerLink owner) -> Optional.of(owner);
      case Link.Idle(), Link.Locating(long _, long _) -> Optional.empty();
    };
  }
}
