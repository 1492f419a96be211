package io.aetherflow.local.node;

import java.time.Instant;
import java.util.OptionalInt;

/** Where a container is. */
sealed interface ContainerState {
  /** Not running now; the reason is the API's word for why. */
  record Waiting(String reason, String message) implements ContainerState {}

  /** Its process runs. */
  record Running(PodProcess process, Instant startedAt) implements ContainerState {}

  /**
   * It ended and will not start again.
   *
   * @param exitCode empty when the process ended while nobody watched
   * @param message its last words, or empty
   */
  record Terminated(OptionalInt exitCode, Instant startedAt, Instant finishedAt, String message)
      implements ContainerState {
    /** Exit code of a process whose end nobody saw, as the kubelet reports it. */
    static final int UNKNOWN = 137;

    int code() {
      return exitCode.orElse(UNKNOWN);
    }

    String reason() {
      if (exitCode.isEmpty()) {
        return "ContainerStatusUnknown";
      }
      return code() == 0 ? "Completed" : "Error";
    }
  }
}
