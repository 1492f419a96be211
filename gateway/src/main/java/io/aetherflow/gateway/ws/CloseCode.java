package io.aetherflow.gateway.ws;

/** Why the gateway closes a socket; docs/websocket.md tells clients what to do on each. */
enum CloseCode {
  /** RFC 6455, 7.4.1: an unexpected condition. */
  FAILED(1011),

  AUTH_EXPIRED(4001),
  DENIED(4003),
  SILENT(4007),
  SLOW(4008),
  TOO_LARGE(4009),
  DRAIN(4010),
  RATE(4029),

  // Yjs providers stop for good on 4400 to 4499 and connect again on all others.
  YJS_MALFORMED(4400),
  YJS_TOKEN(4401),
  YJS_DENIED(4403),
  YJS_NOT_FOUND(4404),
  YJS_HISTORY_GONE(4410),
  YJS_TOO_LARGE(4413),
  YJS_TRY_AGAIN(4503);

  final short code;

  CloseCode(int code) {
    this.code = (short) code;
  }
}
