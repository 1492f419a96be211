package io.aetherflow.gateway.ws;

/** An open socket as the registry sees it. Methods run on the socket's thread. */
interface OpenSocket {
  /** The session was revoked, deleted or resumed elsewhere. */
  void onSessionEnded(String reason);

  /** Called once per heartbeat: pings the peer, or gives it up after too many without a sign. */
  void heartbeat();

  void drain(long reconnectAfterMillis, long closeAfterMillis);
}
