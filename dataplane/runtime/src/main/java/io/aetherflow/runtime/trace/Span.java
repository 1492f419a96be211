package io.aetherflow.runtime.trace;

import io.grpc.Context;

/**
 * One step of a request, from the call that returned it to its end. Its trace is the request's
 * GUUID. Thread-safe; what comes after the end is ignored, and a step that never ends is not told.
 */
public interface Span {
  /** Whose turn the step is, in the words of OpenTelemetry. */
  enum Kind {
    SERVER,
    CLIENT
  }

  /** A step of a request that is not recorded; costs nothing. */
  Span NONE = new NoSpan();

  /** The step that the present thread works at. */
  Context.Key<Span> CURRENT = Context.keyWithDefault("span", NONE);

  /** Names the step to those below it, in this pod or another; 0 when it is not recorded. */
  long id();

  /** Begins a step of this one. */
  Span child(Kind kind, String name);

  /** Returns this. */
  Span tag(String key, String value);

  /** Returns this. */
  Span tag(String key, long value);

  void end();

  /** Ends it as one that went wrong. */
  void fail(String why);

  /** Whether anything of it is kept; spares the work of describing what nobody reads. */
  default boolean recorded() {
    return id() != 0;
  }
}
