package io.aetherflow.gateway.ws;

/** An open socket as the registry sees it. Methods run on the socket's thread. */
interface OpenSocket {
  /** The session was revoked, deleted or resumed elsewhere. */
  void onSessionEnded(String reason);

  void drain(long reconnectAfterMillis, long closeAfterMillis);
}
