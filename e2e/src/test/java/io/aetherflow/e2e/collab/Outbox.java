package io.aetherflow.e2e.collab;

import java.util.ArrayDeque;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * What an editor has written and has no answer for: sent within a window, and sent again under the
 * old numbers. Not thread-safe; times are those of {@link System#nanoTime}.
 */
final class Outbox {
  private static final int WINDOW = 16;

  /** Without an answer for so long, what is in flight is sent again. */
  static final long STALL_NS = TimeUnit.SECONDS.toNanos(3);

  /** One operation. */
  record Draft(long clientSeq, String data) {}

  private final ArrayDeque<Draft> waiting = new ArrayDeque<>();
  private final TreeMap<Long, Draft> inFlight = new TreeMap<>();
  private long nextClientSeq = 1;
  private long progressNs;

  /** When a refused operation is tried again; nothing is sent before that. */
  private long resendAtNs = Long.MAX_VALUE;

  Outbox(long nowNs) {
    progressNs = nowNs;
  }

  Draft write(String writer) {
    long clientSeq = nextClientSeq++;
    Draft draft = new Draft(clientSeq, writer + "-" + clientSeq);
    waiting.add(draft);
    return draft;
  }

  boolean isEmpty() {
    return waiting.isEmpty() && inFlight.isEmpty();
  }

  int size() {
    return waiting.size() + inFlight.size();
  }

  /** What to send now, if anything. */
  Optional<Draft> next(long nowNs) {
    boolean stalled = !inFlight.isEmpty() && nowNs - progressNs > STALL_NS;
    if (stalled || nowNs >= resendAtNs) {
      sendAgain(nowNs);
    }
    if (waiting.isEmpty() || inFlight.size() >= WINDOW || resendAtNs != Long.MAX_VALUE) {
      return Optional.empty();
    }
    if (inFlight.isEmpty()) {
      progressNs = nowNs;
    }
    Draft draft = waiting.poll();
    inFlight.put(draft.clientSeq(), draft);
    return Optional.of(draft);
  }

  /** Everything without an answer waits again, in its old order. */
  void sendAgain(long nowNs) {
    inFlight.descendingMap().values().forEach(waiting::addFirst);
    inFlight.clear();
    resendAtNs = Long.MAX_VALUE;
    progressNs = nowNs;
  }

  /** The operation that is acknowledged hereby; empty for a repeated answer. */
  Optional<Draft> acked(long clientSeq, long nowNs) {
    progressNs = nowNs;
    return Optional.ofNullable(inFlight.remove(clientSeq));
  }

  void refusedUntil(long atNs) {
    resendAtNs = atNs;
  }
}
