package io.aetherflow.gateway.ws;

/** Whether the peer of one socket still shows signs of life. On the socket's thread. */
final class Liveness {
  /** One lost packet or a short pause of the peer must not cost a socket. */
  private static final int SILENT_HEARTBEATS_MAX = 3;

  private int silent;

  /** Anything came from the peer. */
  void heard() {
    silent = 0;
  }

  /** False when the peer has been silent for too long. */
  boolean heartbeat() {
    return ++silent <= SILENT_HEARTBEATS_MAX;
  }
}
