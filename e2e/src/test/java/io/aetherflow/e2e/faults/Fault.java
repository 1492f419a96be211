package io.aetherflow.e2e.faults;

import java.time.Duration;

/** What is done to one process. */
record Fault(Target target, Blow blow) {
  enum Target {
    /** A statesync instance that owns documents. */
    OWNER("statesync-service"),
    GATEWAY("api-gateway"),
    SESSION("session-service"),
    ETCD("etcd");

    private final String component;

    Target(String component) {
      this.component = component;
    }

    String component() {
      return component;
    }
  }

  sealed interface Blow {
    /** kill -9. */
    record Kill() implements Blow {}

    /** SIGSTOP, then SIGCONT: what it believed about the others is stale when it goes on. */
    record Pause(Duration time) implements Blow {}
  }
}
