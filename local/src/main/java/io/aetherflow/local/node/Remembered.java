package io.aetherflow.local.node;

import io.aetherflow.local.node.ContainerState.Terminated;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/** What a pod's status says of a container from before this life of the node. */
final class Remembered {
  private Remembered() {}

  static void restore(ContainerWorker worker, PodStatus status, Path record) {
    ContainerStatus known = find(worker.container().getName(), status).orElse(null);
    if (known == null) {
      PodProcess.adopt(record).ifPresent(PodProcess::kill);
      return;
    }
    ContainerStateTerminated before =
        known.getLastState() == null ? null : known.getLastState().getTerminated();
    worker.remember(known.getRestartCount(), before == null ? null : end(before));
    if (known.getState().getRunning() != null) {
      Instant startedAt = Instant.parse(known.getState().getRunning().getStartedAt());
      PodProcess.adopt(record)
          .ifPresentOrElse(
              process ->
                  worker.adopt(
                      process,
                      startedAt,
                      Boolean.TRUE.equals(known.getStarted()),
                      Boolean.TRUE.equals(known.getReady())),
              () -> worker.missedEnd(startedAt));
    } else if (known.getState().getTerminated() != null) {
      worker.endedBefore(end(known.getState().getTerminated()));
    } else {
      // Started just before the node ended, and not yet told: it cannot be known as ours.
      PodProcess.adopt(record).ifPresent(PodProcess::kill);
    }
  }

  private static Optional<ContainerStatus> find(String container, PodStatus status) {
    return status == null
        ? Optional.empty()
        : status.getContainerStatuses().stream()
            .filter(each -> each.getName().equals(container))
            .findFirst();
  }

  private static Terminated end(ContainerStateTerminated state) {
    return new Terminated(
        OptionalInt.of(state.getExitCode()),
        Instant.parse(state.getStartedAt()),
        Instant.parse(state.getFinishedAt()),
        state.getMessage() == null ? "" : state.getMessage());
  }
}
