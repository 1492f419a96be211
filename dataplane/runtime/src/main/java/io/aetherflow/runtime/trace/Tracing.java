package io.aetherflow.runtime.trace;

import io.aetherflow.runtime.trace.Span.Kind;

/** Records the steps of requests. Thread-safe; no call but the last blocks or fails. */
public interface Tracing extends AutoCloseable {
  /** Records nothing, at no cost. */
  Tracing NONE =
      new Tracing() {
        @Override
        public Span begin(String guuid, Kind kind, String name) {
          return Span.NONE;
        }

        @Override
        public Span under(SpanRef parent, Kind kind, String name) {
          return Span.NONE;
        }
      };

  /**
   * Begins the first step of a request. Whether it is recorded depends on its GUUID alone, so all
   * pods decide alike.
   *
   * @param guuid of the request; nothing is recorded of what is no GUUID
   */
  Span begin(String guuid, Kind kind, String name);

  /** Begins a step of one that another part or pod knows; recorded when that one is. */
  Span under(SpanRef parent, Kind kind, String name);

  /** Lets go of what waits to be told, after a bounded time. */
  @Override
  default void close() {}
}
