package io.aetherflow.statesync.document;

/** What a request led to. */
public sealed interface Outcome<T> {
  /** Carried out; durable. */
  record Done<T>(T value) implements Outcome<T> {}

  /** Not carried out. */
  record Refused<T>(Refusal why) implements Outcome<T> {}
}
