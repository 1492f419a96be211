package io.aetherflow.gateway.hub;

import java.util.ArrayDeque;

/** One subscriber's place in one document. */
public final class Subscription {
  final Subscriber subscriber;
  final long clientEpoch;
  final boolean beginsFromState;

  /** The next sequence number this subscriber gets; 0 until the document's head is known. */
  long nextSeq;

  Phase phase = Phase.WAITING;

  /** The history read in flight; answers with another ticket are ignored. */
  long ticket;

  boolean announced;

  /** Parts of the state that are still to be sent, before operations from nextSeq on. */
  final ArrayDeque<StateFrame> state = new ArrayDeque<>(0);

  /** What it asked for is trimmed: without a state there is a gap. */
  boolean trimmed;

  Subscription(Subscriber subscriber, From from) {
    this.subscriber = subscriber;
    this.nextSeq = from.seq();
    this.clientEpoch = from.epoch();
    this.beginsFromState = from.state();
  }

  /**
   * Where a subscriber wants to begin.
   *
   * @param seq the first operation wanted; 0 for new ones only
   * @param epoch the epoch the client saw last; 0 for none
   * @param state from what the operations amount to, whatever seq says
   */
  public record From(long seq, long epoch, boolean state) {
    /** The state and what follows it, or all operations while there is no state. */
    public static final From STATE = new From(0, 0, true);

    public static From seq(long seq) {
      return new From(seq, 0, false);
    }
  }

  enum Phase {
    /** The hub does not know the document's head yet. */
    WAITING,
    /** Reading history page by page; live operations are skipped, for the pages will have them. */
    REPLAYING,
    /** Waits for what the operations amount to, from which it begins. */
    READING_STATE,
    /** As replaying, but the socket's queue must drain before the next page or part. */
    STALLED,
    /** Gets every operation from nextSeq on as it arrives. */
    LIVE
  }
}
