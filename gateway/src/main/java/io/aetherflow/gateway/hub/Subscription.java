package io.aetherflow.gateway.hub;

/** One subscriber's place in one document. */
final class Subscription {
  final Subscriber subscriber;
  final long clientEpoch;

  /** The next sequence number this subscriber gets; 0 until the document's head is known. */
  long nextSeq;

  Phase phase = Phase.WAITING;

  /** The history read in flight; answers with another ticket are ignored. */
  long ticket;

  boolean announced;

  Subscription(Subscriber subscriber, long fromSeq, long clientEpoch) {
    this.subscriber = subscriber;
    this.nextSeq = fromSeq;
    this.clientEpoch = clientEpoch;
  }

  enum Phase {
    /** The hub does not know the document's head yet. */
    WAITING,
    /** Reading history page by page; live operations are skipped, for the pages will have them. */
    REPLAYING,
    /** As replaying, but the socket's queue must drain before the next page. */
    STALLED,
    /** Gets every operation from nextSeq on as it arrives. */
    LIVE
  }
}
