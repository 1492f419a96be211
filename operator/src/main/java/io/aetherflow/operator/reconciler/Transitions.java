package io.aetherflow.operator.reconciler;

import io.aetherflow.crds.AetherFlowClusterStatus;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Which changes between two statuses are worth an Event. Pure. */
final class Transitions {
  private Transitions() {}

  /** One Event to write. */
  record Note(boolean warning, String reason, String message) {}

  static List<Note> between(
      Optional<AetherFlowClusterStatus> before, AetherFlowClusterStatus after) {
    List<Note> notes = new ArrayList<>();
    Optional<Condition> wasDegraded = find(before, StatusModel.DEGRADED);
    find(Optional.of(after), StatusModel.DEGRADED)
        .filter(now -> changed(wasDegraded, now))
        .ifPresent(now -> {
          if (isTrue(now)) {
            notes.add(new Note(true, now.getReason(), now.getMessage()));
          } else if (wasDegraded.filter(Transitions::isTrue).isPresent()) {
            notes.add(new Note(false, "Recovered", "the cluster is no longer degraded"));
          }
        });
    addUpgrade(before, after, notes);
    find(Optional.of(after), StatusModel.TUNING_APPLIED)
        .filter(Transitions::isTrue)
        .filter(now -> changed(find(before, StatusModel.TUNING_APPLIED), now))
        .ifPresent(now -> notes.add(new Note(false, StatusModel.TUNING_APPLIED, now.getMessage())));
    find(Optional.of(after), StatusModel.READY)
        .filter(Transitions::isTrue)
        .filter(now -> find(before, StatusModel.READY).filter(Transitions::isTrue).isEmpty())
        .ifPresent(now -> notes.add(new Note(false, StatusModel.READY, now.getMessage())));
    return notes;
  }

  /** Each stage, and what stops it; not the first start. */
  private static void addUpgrade(
      Optional<AetherFlowClusterStatus> before, AetherFlowClusterStatus after, List<Note> notes) {
    Optional<Condition> was = find(before, UpgradeHealth.UPGRADED);
    find(Optional.of(after), UpgradeHealth.UPGRADED)
        .filter(now -> after.version() != null && was.isPresent() && changed(was, now))
        .ifPresent(now -> {
          if (!isTrue(now)) {
            notes.add(new Note(isStop(now), now.getReason(), now.getMessage()));
          } else if (UpgradeHealth.wasUnderway(before)) {
            notes.add(new Note(false, UpgradeHealth.UPGRADED, now.getMessage()));
          }
        });
  }

  private static boolean isStop(Condition condition) {
    return condition.getReason().equals(UpgradeHealth.HALTED)
        || condition.getReason().equals(UpgradeHealth.REFUSED);
  }

  private static boolean changed(Optional<Condition> before, Condition now) {
    return before
        .filter(was ->
            was.getStatus().equals(now.getStatus())
                && was.getReason().equals(now.getReason())
                && (!isTrue(now) || was.getMessage().equals(now.getMessage())))
        .isEmpty();
  }

  private static boolean isTrue(Condition condition) {
    return condition.getStatus().equals("True");
  }

  private static Optional<Condition> find(Optional<AetherFlowClusterStatus> status, String type) {
    return status
        .map(AetherFlowClusterStatus::conditions)
        .flatMap(all -> all.stream().filter(c -> c.getType().equals(type)).findFirst());
  }
}
