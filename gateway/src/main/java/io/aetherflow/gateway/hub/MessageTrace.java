package io.aetherflow.gateway.hub;

import io.aetherflow.runtime.trace.Span;

/**
 * What an operation is known by on its way.
 *
 * @param guuid of the message that brought it; empty when there is none
 * @param span from its arrival to its answer
 */
record MessageTrace(String guuid, Span span) {
  static final MessageTrace NONE = new MessageTrace("", Span.NONE);

  /** The GUUID if the operation is recorded under it, else empty. */
  String recordedGuuid() {
    return span.recorded() ? guuid : "";
  }
}
