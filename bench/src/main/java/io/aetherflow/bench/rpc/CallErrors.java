package io.aetherflow.bench.rpc;

import java.util.concurrent.atomic.AtomicReference;

/** Remembers the first failure for the report. Thread-safe. */
final class CallErrors {
  private final AtomicReference<String> first = new AtomicReference<>("");

  void add(String failure) {
    first.compareAndSet("", failure);
  }

  /** Empty if there was none. */
  String first() {
    return first.get();
  }
}
