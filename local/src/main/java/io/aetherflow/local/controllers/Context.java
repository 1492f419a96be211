package io.aetherflow.local.controllers;

import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** What every controller works with. */
record Context(Api api, WorkQueue queue, EventRecorder events, Clock clock) {

  /** The time as API objects write it. */
  String timestamp() {
    return clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
  }

  Instant now() {
    return clock.instant();
  }
}
