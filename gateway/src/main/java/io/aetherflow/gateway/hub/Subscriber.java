package io.aetherflow.gateway.hub;

import io.aetherflow.api.statesync.v1.Presence;

/**
 * One socket as the hub sees it. The hub calls it on the hub's thread; implementations must not
 * block and must hand the frame to the socket in call order.
 */
public interface Subscriber {
  /** Stable over reconnects of the same session; the idempotency key's first half. */
  String clientId();

  /** False while the socket's outgoing queue is long; replay of history waits for it. */
  boolean writable();

  void attached(String document, Position position, boolean recovered);

  void operations(OperationsFrame frame);

  /**
   * A part of what the operations up to a place amount to; those after it follow. All parts come
   * together and in order, before any operation.
   */
  void state(StateFrame frame);

  /**
   * @param guuid that the operation is recorded under; empty when it is not
   */
  void acked(String document, long clientSeq, long seq, String guuid);

  void nacked(String document, long clientSeq, String reason, boolean retryable);

  /** History up to {@code head} cannot be replayed; operations after it follow. */
  void gap(String document, long head);

  void presence(Presence presence);

  /** A call failed: the hub tells it nothing more of the document, so its socket must end. */
  void failed();

  /** Where a document's log stands. */
  record Position(long epoch, long head) {}
}
