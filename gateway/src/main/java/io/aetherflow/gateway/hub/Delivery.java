package io.aetherflow.gateway.hub;

import io.aetherflow.api.statesync.v1.Attached;
import io.aetherflow.api.statesync.v1.DocumentContent;
import io.aetherflow.api.statesync.v1.ListOperationsResponse;
import io.aetherflow.api.statesync.v1.Operation;
import io.aetherflow.api.statesync.v1.OperationBatch;
import io.aetherflow.api.statesync.v1.Presence;
import io.aetherflow.gateway.hub.Subscription.From;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who of this gateway's sockets has which part of one document's log. Every subscriber gets its
 * operations in order, each once, or is told of the gap; a late one reads history page by page and
 * joins the live flow where the two meet. No I/O; called on the hub's thread.
 */
final class Delivery {
  private static final Logger LOG = LoggerFactory.getLogger(Delivery.class);

  private static final long RETRY_MILLIS = 100;

  private final String document;
  private final HubIo io;
  private final Map<Subscriber, Subscription> subscriptions = new LinkedHashMap<>();
  private final RecentOperations recent = new RecentOperations();

  /** Highest sequence number taken from the owner; -1 until the first attach is confirmed. */
  private long last = -1;

  private long epoch;
  private long tickets;

  /** The reading of the state in flight, or 0. */
  private long stateTicket;

  Delivery(String document, HubIo io) {
    this.document = document;
    this.io = io;
  }

  long last() {
    return last;
  }

  /** Under which the owner wrote last. */
  long epoch() {
    return epoch;
  }

  boolean isEmpty() {
    return subscriptions.isEmpty();
  }

  boolean isLocal(String clientId) {
    return subscriptions.keySet().stream().anyMatch(each -> each.clientId().equals(clientId));
  }

  /** What an attach to the owner asks for: 0 (new ones only) before the head is known. */
  long resumeFromSeq() {
    return last < 0 ? 0 : last + 1;
  }

  void add(Subscriber subscriber, From from) {
    Subscription subscription = new Subscription(subscriber, from);
    subscriptions.put(subscriber, subscription);
    if (last >= 0) {
      guarded(subscription, this::start);
    }
  }

  void remove(Subscriber subscriber) {
    subscriptions.remove(subscriber);
  }

  /** The owner's answer to an attach from {@link #resumeFromSeq()}. */
  void onAttached(Attached attached) {
    epoch = attached.getEpoch();
    boolean shorter = last >= 0 && attached.getHead() < last;
    boolean lost = last >= 0 && !attached.getRecovered() || shorter;
    if (last < 0 || lost) {
      last = attached.getHead();
      recent.clear();
    }
    for (Subscription each : List.copyOf(subscriptions.values())) {
      switch (each.phase) {
        case WAITING -> guarded(each, this::start);
        case LIVE -> {
          if (shorter) {
            guarded(each, this::gap);
          } else if (lost) {
            fetch(each);
          }
        }
        case REPLAYING, READING_STATE, STALLED -> {}
      }
    }
  }

  /** False when the batch leaves a hole after what was taken before; nothing is taken then. */
  boolean onOperations(OperationBatch batch) {
    List<Operation> fresh =
        batch.getOperationsList().stream().filter(each -> each.getSeq() > last).toList();
    if (fresh.isEmpty()) {
      return true;
    }
    if (!contiguous(fresh, last + 1)) {
      return false;
    }
    epoch = batch.getEpoch();
    last = fresh.getLast().getSeq();
    fresh.forEach(recent::add);
    List<OperationsFrame> shared = Frames.of(document, epoch, fresh);
    for (Subscription each : List.copyOf(subscriptions.values())) {
      if (each.phase == Subscription.Phase.LIVE) {
        guarded(each, live -> deliver(live, shared, fresh));
      }
    }
    return true;
  }

  void onHistory(long ticket, ListOperationsResponse page) {
    replaying(ticket).ifPresent(each -> guarded(each, replaying -> onPage(replaying, page)));
  }

  /** The log no longer has what the subscriber asked for. */
  void onHistoryTrimmed(long ticket) {
    replaying(ticket)
        .ifPresent(subscription -> {
          subscription.trimmed = true;
          fetchState(subscription);
        });
  }

  /** What the operations amount to, for all that wait for it. */
  void onState(long ticket, DocumentContent content) {
    List<StateFrame> frames = StateFrame.of(content);
    for (Subscription each : readingState(ticket)) {
      guarded(each, reading -> beginFrom(reading, content, frames));
    }
  }

  private void beginFrom(Subscription each, DocumentContent content, List<StateFrame> frames) {
    announce(each, Math.max(last, content.getHead()), !each.trimmed);
    each.trimmed = false;
    each.nextSeq = content.getSeq() + 1;
    each.state.addAll(frames);
    sendState(each);
  }

  /** Nobody supplied a state: the operations are all there is. */
  void onNoState(long ticket) {
    for (Subscription each : readingState(ticket)) {
      guarded(each, this::beginWithoutState);
    }
  }

  private void beginWithoutState(Subscription each) {
    if (each.trimmed) {
      gap(each);
    } else {
      each.nextSeq = 1;
      if (!joinLive(each)) {
        fetch(each);
      }
    }
  }

  /**
   * @param transientFailure whether another reading may succeed; else who waits goes on without
   */
  void onStateFailed(long ticket, boolean transientFailure) {
    if (!transientFailure) {
      readingState(ticket).forEach(each -> guarded(each, this::gap));
    } else if (stateTicket == ticket) {
      io.after(
          RETRY_MILLIS,
          () -> {
            if (stateTicket == ticket) {
              List<Subscription> due = readingState(ticket);
              due.forEach(this::fetchState);
            }
          });
    }
  }

  void onHistoryFailed(long ticket) {
    if (replaying(ticket).isPresent()) {
      retry(ticket);
    }
  }

  /** The subscriber's queue drained. */
  void onWritable(Subscriber subscriber) {
    Subscription subscription = subscriptions.get(subscriber);
    if (subscription != null && subscription.phase == Subscription.Phase.STALLED) {
      guarded(subscription, this::sendState);
    }
  }

  void presence(Presence presence) {
    for (Subscription each : List.copyOf(subscriptions.values())) {
      if (!each.subscriber.clientId().equals(presence.getClientId())) {
        guarded(each, other -> other.subscriber.presence(presence));
      }
    }
  }

  /**
   * Who fails is dropped and told to end, for it may lack what it was to get; the others of the
   * same turn must not lack it as well.
   */
  private void guarded(Subscription subscription, Consumer<Subscription> turn) {
    try {
      turn.accept(subscription);
    } catch (RuntimeException e) {
      subscriptions.remove(subscription.subscriber, subscription);
      LOG.atError()
          .addKeyValue("action", "subscriber_failed")
          .setCause(e)
          .log("{} cannot be told of {}", subscription.subscriber.clientId(), document);
      subscription.subscriber.failed();
    }
  }

  private void start(Subscription subscription) {
    if (subscription.nextSeq == 0) {
      subscription.nextSeq = last + 1;
    }
    if (subscription.beginsFromState) {
      fetchState(subscription);
    } else if (subscription.clientEpoch > epoch) {
      gap(subscription);
    } else if (!joinLive(subscription)) {
      fetch(subscription);
    }
  }

  /** Joins the live flow if what the subscriber lacks is in memory. */
  private boolean joinLive(Subscription subscription) {
    long next = subscription.nextSeq;
    if (next < recent.firstSeq(last) || next > last + 1) {
      return false;
    }
    announce(subscription, last, true);
    subscription.phase = Subscription.Phase.LIVE;
    List<Operation> tail = recent.from(next);
    deliver(subscription, Frames.of(document, epoch, tail), tail);
    return true;
  }

  private void onPage(Subscription subscription, ListOperationsResponse page) {
    long next = subscription.nextSeq;
    long head = Math.max(last, page.getHead());
    boolean beyondTheEnd = !subscription.announced && next > head + 1;
    List<Operation> wanted =
        page.getOperationsList().stream().filter(each -> each.getSeq() >= next).toList();
    if (beyondTheEnd || !contiguous(wanted, next)) {
      gap(subscription);
      return;
    }
    announce(subscription, head, true);
    for (OperationsFrame frame : Frames.of(document, epoch, wanted)) {
      if (!subscription.subscriber.writable()) {
        subscription.phase = Subscription.Phase.STALLED;
        return;
      }
      deliver(subscription, List.of(frame), frame.operations());
    }
    afterPage(subscription, wanted.isEmpty());
  }

  private void afterPage(Subscription subscription, boolean empty) {
    if (joinLive(subscription)) {
      return;
    }
    if (subscription.nextSeq > last + 1) {
      subscription.phase = Subscription.Phase.LIVE;
    } else if (empty) {
      retry(subscription.ticket);
    } else {
      fetch(subscription);
    }
  }

  private void retry(long ticket) {
    io.after(RETRY_MILLIS, () -> replaying(ticket).ifPresent(this::fetch));
  }

  private void fetch(Subscription subscription) {
    subscription.phase = Subscription.Phase.REPLAYING;
    subscription.ticket = ++tickets;
    io.history(document, subscription.ticket, subscription.nextSeq);
  }

  private void fetchState(Subscription subscription) {
    subscription.phase = Subscription.Phase.READING_STATE;
    if (stateTicket == 0) {
      stateTicket = ++tickets;
      io.state(document, stateTicket);
    }
  }

  /** All that wait for the reading in flight, which is over. */
  private List<Subscription> readingState(long ticket) {
    if (stateTicket != ticket) {
      return List.of();
    }
    stateTicket = 0;
    return subscriptions.values().stream()
        .filter(each -> each.phase == Subscription.Phase.READING_STATE)
        .toList();
  }

  /** Sends what is left of the state, then operations. */
  private void sendState(Subscription subscription) {
    while (!subscription.state.isEmpty()) {
      if (!subscription.subscriber.writable()) {
        subscription.phase = Subscription.Phase.STALLED;
        return;
      }
      subscription.subscriber.state(subscription.state.remove());
    }
    if (!joinLive(subscription)) {
      fetch(subscription);
    }
  }

  private Optional<Subscription> replaying(long ticket) {
    return subscriptions.values().stream()
        .filter(each -> each.phase == Subscription.Phase.REPLAYING && each.ticket == ticket)
        .findFirst();
  }

  private void gap(Subscription subscription) {
    announce(subscription, last, false);
    subscription.phase = Subscription.Phase.LIVE;
    subscription.nextSeq = last + 1;
    subscription.subscriber.gap(document, last);
  }

  private void announce(Subscription subscription, long head, boolean recovered) {
    if (!subscription.announced) {
      subscription.announced = true;
      subscription.subscriber.attached(document, new Subscriber.Position(epoch, head), recovered);
    }
  }

  /** Sends what the subscriber lacks of a run that ends at or after everything it has. */
  private void deliver(
      Subscription subscription, List<OperationsFrame> frames, List<Operation> run) {
    if (run.isEmpty() || run.getLast().getSeq() < subscription.nextSeq) {
      return;
    }
    List<OperationsFrame> due = frames;
    if (run.getFirst().getSeq() < subscription.nextSeq) {
      long next = subscription.nextSeq;
      due = Frames.of(document, epoch, run.stream().filter(each -> each.getSeq() >= next).toList());
    }
    due.forEach(subscription.subscriber::operations);
    subscription.nextSeq = run.getLast().getSeq() + 1;
  }

  private static boolean contiguous(List<Operation> run, long first) {
    for (int i = 0; i < run.size(); i++) {
      if (run.get(i).getSeq() != first + i) {
        return false;
      }
    }
    return true;
  }
}
