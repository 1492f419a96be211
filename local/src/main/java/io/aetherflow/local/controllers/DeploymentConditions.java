package io.aetherflow.local.controllers;

import static io.aetherflow.local.controllers.Numbers.orZero;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentCondition;
import io.fabric8.kubernetes.api.model.apps.DeploymentConditionBuilder;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The conditions of one Deployment during one pass. Reasons are those kubectl looks for. */
final class DeploymentConditions {
  static final String PROGRESSING = "Progressing";
  static final String AVAILABLE = "Available";
  static final String COMPLETE = "NewReplicaSetAvailable";
  static final String TIMED_OUT = "ProgressDeadlineExceeded";
  static final String PAUSED = "DeploymentPaused";

  private final Context context;
  private final List<DeploymentCondition> conditions;

  DeploymentConditions(Context context, Deployment deployment) {
    this.context = context;
    DeploymentStatus status = deployment.getStatus();
    this.conditions = new ArrayList<>(status == null ? List.of() : status.getConditions());
  }

  List<DeploymentCondition> list() {
    return List.copyOf(conditions);
  }

  Optional<DeploymentCondition> get(String type) {
    return conditions.stream().filter(c -> c.getType().equals(type)).findFirst();
  }

  boolean progressIs(String reason) {
    return get(PROGRESSING).filter(c -> c.getReason().equals(reason)).isPresent();
  }

  void remove(String type) {
    conditions.removeIf(c -> c.getType().equals(type));
  }

  /** Keeps a condition of the same status and reason as it is. */
  void set(String type, String status, String reason, String message) {
    DeploymentCondition present = get(type).orElse(null);
    boolean same = present != null && present.getStatus().equals(status);
    if (!same || !present.getReason().equals(reason)) {
      put(present, type, status, reason, message);
    }
  }

  /** Like {@link #set}, but always with the present update time, from which deadlines count. */
  void renew(String type, String status, String reason, String message) {
    put(get(type).orElse(null), type, status, reason, message);
  }

  private void put(
      DeploymentCondition present, String type, String status, String reason, String message) {
    boolean same = present != null && present.getStatus().equals(status);
    String now = context.timestamp();
    DeploymentCondition next =
        new DeploymentConditionBuilder()
            .withType(type)
            .withStatus(status)
            .withReason(reason)
            .withMessage(message)
            .withLastUpdateTime(now)
            .withLastTransitionTime(same ? present.getLastTransitionTime() : now)
            .build();
    remove(type);
    conditions.add(next);
  }

  void available(boolean enough) {
    set(
        AVAILABLE,
        enough ? "True" : "False",
        enough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
        "Deployment "
            + (enough ? "has minimum availability." : "does not have minimum availability."));
  }

  void paused(boolean paused) {
    if (progressIs(TIMED_OUT)) {
      return;
    }
    if (paused) {
      set(PROGRESSING, "Unknown", PAUSED, "Deployment is paused");
    } else if (progressIs(PAUSED)) {
      set(PROGRESSING, "Unknown", "DeploymentResumed", "Deployment is resumed");
    }
  }

  /**
   * Judges a rollout by its numbers before and after.
   *
   * @param subject names the ReplicaSet in messages
   */
  void progress(Deployment deployment, DeploymentStatus next, String subject) {
    DeploymentStatus before =
        deployment.getStatus() == null ? new DeploymentStatus() : deployment.getStatus();
    boolean settled =
        orZero(next.getReplicas()) == orZero(next.getUpdatedReplicas()) && progressIs(COMPLETE);
    if (settled) {
      return;
    }
    if (isComplete(deployment, next)) {
      set(PROGRESSING, "True", COMPLETE, subject + " has successfully progressed.");
    } else if (moved(before, next)) {
      renew(PROGRESSING, "True", "ReplicaSetUpdated", subject + " is progressing.");
    } else if (untilDeadline(deployment).filter(left -> !left.isPositive()).isPresent()) {
      set(PROGRESSING, "False", TIMED_OUT, subject + " has timed out progressing.");
    }
  }

  static boolean isComplete(Deployment deployment, DeploymentStatus status) {
    int desired = deployment.getSpec().getReplicas();
    return orZero(status.getUpdatedReplicas()) == desired
        && orZero(status.getReplicas()) == desired
        && orZero(status.getAvailableReplicas()) == desired;
  }

  private static boolean moved(DeploymentStatus before, DeploymentStatus next) {
    int oldBefore = orZero(before.getReplicas()) - orZero(before.getUpdatedReplicas());
    int oldNext = orZero(next.getReplicas()) - orZero(next.getUpdatedReplicas());
    return orZero(next.getUpdatedReplicas()) > orZero(before.getUpdatedReplicas())
        || oldNext < oldBefore
        || orZero(next.getReadyReplicas()) > orZero(before.getReadyReplicas())
        || orZero(next.getAvailableReplicas()) > orZero(before.getAvailableReplicas());
  }

  /** Time left for a rollout to move on; empty when none is under way. */
  Optional<Duration> untilDeadline(Deployment deployment) {
    Integer seconds = deployment.getSpec().getProgressDeadlineSeconds();
    boolean over = progressIs(COMPLETE) || progressIs(TIMED_OUT) || progressIs(PAUSED);
    if (seconds == null || seconds == Integer.MAX_VALUE || over) {
      return Optional.empty();
    }
    return get(PROGRESSING)
        .map(c -> Instant.parse(c.getLastUpdateTime()).plusSeconds(seconds))
        .map(deadline -> Duration.between(context.now(), deadline));
  }
}
