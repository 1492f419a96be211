package io.aetherflow.gateway.ws;

/** Why the gateway closes a socket; docs/websocket.md tells clients what to do on each. */
enum CloseCode {
  AUTH_EXPIRED(4001),
  DENIED(4003),
  SLOW(4008),
  TOO_LARGE(4009),
  DRAIN(4010),
  RATE(4029);

  final short code;

  CloseCode(int code) {
    this.code = (short) code;
  }
}
