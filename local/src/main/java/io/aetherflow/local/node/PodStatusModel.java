package io.aetherflow.local.node;

import io.aetherflow.local.node.ContainerState.Running;
import io.aetherflow.local.node.ContainerState.Terminated;
import io.aetherflow.local.node.ContainerState.Waiting;
import io.fabric8.kubernetes.api.model.ContainerStateBuilder;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.HostIP;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.api.model.PodIP;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A pod's status from the states of its containers. Pure. */
final class PodStatusModel {
  private PodStatusModel() {}

  /**
   * @param before the status in the API; its foreign conditions and transition times are kept
   * @param started when the node took the pod
   * @param sandbox whether its volumes and address are there
   */
  static PodStatus of(
      PodStatus before,
      String hostIp,
      String podIp,
      Instant started,
      boolean sandbox,
      List<ContainerWorker> containers,
      Instant now) {
    List<String> unready =
        containers.stream()
            .filter(each -> !each.ready())
            .map(each -> each.container().getName())
            .toList();
    String phase = phase(containers);
    List<PodCondition> conditions = new ArrayList<>();
    boolean over = phase.equals("Succeeded") || phase.equals("Failed");
    String reason =
        over ? (phase.equals("Succeeded") ? "PodCompleted" : "PodFailed") : "ContainersNotReady";
    String message = "containers with unready status: [" + String.join(" ", unready) + "]";
    add(conditions, before, "PodReadyToStartContainers", sandbox, null, null, now);
    add(conditions, before, "Initialized", true, null, null, now);
    add(conditions, before, "Ready", unready.isEmpty(), reason, message, now);
    add(conditions, before, "ContainersReady", unready.isEmpty(), reason, message, now);
    before.getConditions().stream()
        .filter(each -> conditions.stream().noneMatch(own -> own.getType().equals(each.getType())))
        .forEach(conditions::add);
    return new PodStatusBuilder()
        .withPhase(phase)
        .withConditions(conditions)
        .withHostIP(hostIp)
        .withHostIPs(new HostIP(hostIp))
        .withPodIP(podIp)
        .withPodIPs(new PodIP(podIp))
        .withStartTime(time(started))
        .withQosClass(before.getQosClass() == null ? "Burstable" : before.getQosClass())
        .withContainerStatuses(
            containers.stream().map(PodStatusModel::container).collect(Collectors.toList()))
        .build();
  }

  private static String phase(List<ContainerWorker> containers) {
    if (containers.stream().allMatch(each -> each.state() instanceof Terminated)) {
      boolean good = containers.stream().allMatch(each -> ((Terminated) each.state()).code() == 0);
      return good ? "Succeeded" : "Failed";
    }
    boolean anyRan =
        containers.stream()
            .anyMatch(each -> !(each.state() instanceof Waiting) || each.last() != null);
    return anyRan ? "Running" : "Pending";
  }

  private static void add(
      List<PodCondition> conditions,
      PodStatus before,
      String type,
      boolean value,
      String reason,
      String message,
      Instant now) {
    String status = value ? "True" : "False";
    String since =
        before.getConditions().stream()
            .filter(each -> each.getType().equals(type) && each.getStatus().equals(status))
            .map(PodCondition::getLastTransitionTime)
            .findFirst()
            .orElse(time(now));
    conditions.add(
        new PodConditionBuilder()
            .withType(type)
            .withStatus(status)
            .withReason(value ? null : reason)
            .withMessage(value ? null : message)
            .withLastTransitionTime(since)
            .build());
  }

  private static ContainerStatus container(ContainerWorker worker) {
    ContainerStatusBuilder status =
        new ContainerStatusBuilder()
            .withName(worker.container().getName())
            .withImage(worker.container().getImage())
            .withImageID("")
            .withReady(worker.ready())
            .withStarted(worker.started())
            .withRestartCount(worker.restarts())
            .withState(state(worker.state()));
    if (worker.state() instanceof Running running) {
      status
          .withImageID("local://" + worker.container().getImage())
          .withContainerID("process://" + running.process().pid());
    }
    status.withLastState(
        worker.last() == null ? new ContainerStateBuilder().build() : state(worker.last()));
    return status.build();
  }

  private static io.fabric8.kubernetes.api.model.ContainerState state(ContainerState state) {
    ContainerStateBuilder builder = new ContainerStateBuilder();
    return switch (state) {
      case Waiting waiting ->
          builder
              .withNewWaiting(
                  waiting.message().isEmpty() ? null : waiting.message(), waiting.reason())
              .build();
      case Running running -> builder.withNewRunning(time(running.startedAt())).build();
      case Terminated end ->
          builder
              .withNewTerminated()
              .withExitCode(end.code())
              .withSignal(signal(end.code()))
              .withReason(end.reason())
              .withMessage(end.message().isEmpty() ? null : end.message())
              .withStartedAt(time(end.startedAt()))
              .withFinishedAt(time(end.finishedAt()))
              .endTerminated()
              .build();
    };
  }

  private static Integer signal(int exitCode) {
    int signal = PodProcess.signalOf(exitCode);
    return signal == 0 ? null : signal;
  }

  private static String time(Instant instant) {
    return instant.truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
