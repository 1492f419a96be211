package io.aetherflow.quantum.netty;

/** What the peer does to one half of a stream; told to its channel as a user event. */
public sealed interface StreamEvent {
  /** The code that the peer gave. */
  long errorCode();

  /** The peer has given its sending half up: what it had not delivered never comes. */
  record Reset(long errorCode) implements StreamEvent {}

  /** The peer wants no more: our sending half is reset, and what was under way is lost. */
  record Stopped(long errorCode) implements StreamEvent {}
}
