package io.aetherflow.gateway.hub;

import io.aetherflow.api.statesync.v1.SyncRequest;

/** What a {@link DocumentState} asks of the world; answers come back through its on... methods. */
interface HubIo {
  /**
   * Answered by onLocated or onLocateFailed with the same ticket.
   *
   * @param staleEpoch of the owner that is lost, whose successor is waited for a while; 0 for any
   */
  void locate(String document, long ticket, long staleEpoch);

  /** Who owns it under a later epoch; answered by onSuccessor with the same ticket. */
  void successor(String document, long ticket, long staleEpoch);

  /** The one stream to that owner, opened when there is none. */
  OwnerLink link(String address);

  /** One page of history; answered by onHistory, onHistoryTrimmed or onHistoryFailed. */
  void history(String document, long ticket, long fromSeq);

  /** What the operations amount to; answered by onState, onNoState or onStateFailed. */
  void state(String document, long ticket);

  /** Shared by all documents. */
  PendingBudget pendingBudget();

  /** Runs on the hub's thread later. */
  void after(long delayMillis, Runnable task);

  long nowNs();

  /** In [0, bound). */
  long random(long bound);

  /** One stream to one owner. Its identity tells an answer of today from one of a dead stream. */
  interface OwnerLink {
    String address();

    void send(SyncRequest request);

    /**
     * As {@link #send(SyncRequest)}.
     *
     * @param left run when the request, and so all before it, waits here no longer
     */
    void send(SyncRequest request, Runnable left);

    /** Sent when nothing else waits; too much of it makes the oldest drop out. */
    void sendPresence(SyncRequest request);

    /** Breaks the stream; every document on it gets onLinkBroken. */
    void abandon(String why);

    /**
     * As {@link #abandon}, for an owner that is silent and has lost a document.
     *
     * @param successor where its other documents are looked for first
     */
    void abandonFor(String successor);
  }
}
