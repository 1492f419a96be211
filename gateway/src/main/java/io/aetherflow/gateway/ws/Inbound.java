package io.aetherflow.gateway.ws;

/** The protocol of a socket as the socket sees it. Methods run on the socket's thread. */
interface Inbound {
  void onText(String message);

  void onBinary(byte[] message);

  /** The peer answered a ping. */
  void onPong();

  /** Half of the outgoing queue is free again. */
  void onWritable();

  /** The outgoing queue is full; nothing is sent any more but the close that must follow. */
  void onSlow();

  /** A message was too long; nothing is read any more, and the socket closes with 1009. */
  default void onTooLong() {}

  /**
   * The connection is gone, however it ended; called once, and nothing comes after this.
   *
   * @param onPurpose the peer closed first and said that it does not come back: with 1000, or
   *     without a code. False when the connection was lost, when the peer gave another code, and
   *     when this side closed first, whatever the peer answered.
   */
  void onClosed(boolean onPurpose);
}
