package io.aetherflow.operator.reconciler;

import io.aetherflow.crds.AetherFlowClusterStatus;
import io.aetherflow.operator.model.EffectiveSpec;
import io.aetherflow.operator.upgrade.Stage;
import io.aetherflow.operator.upgrade.UpgradeState;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import java.util.Optional;

/**
 * How an upgrade is told. Pure.
 *
 * @param version that all components ran when last complete; nothing before the first time
 * @param target the version that the resource asks for
 */
record UpgradeHealth(UpgradeState state, boolean paused, Optional<String> version, String target) {
  static final String UPGRADED = "Upgraded";
  static final String HALTED = "UpgradeHalted";
  static final String REFUSED = "VersionRefused";

  private static final String ROLLING = "Upgrading";

  static UpgradeHealth of(Observed observed) {
    String target = EffectiveSpec.version(observed.cluster());
    Optional<String> version =
        observed.upgrade() instanceof UpgradeState.Complete
            ? Optional.of(target)
            : observed.previous().map(AetherFlowClusterStatus::version);
    return new UpgradeHealth(observed.upgrade(), observed.paused(), version, target);
  }

  /** Whether the status tells of an upgrade that has yet to end. */
  static boolean wasUnderway(Optional<AetherFlowClusterStatus> status) {
    return status
        .map(AetherFlowClusterStatus::conditions)
        .flatMap(all -> all.stream().filter(c -> c.getType().equals(UPGRADED)).findFirst())
        .map(Condition::getReason)
        .filter(reason ->
            reason.startsWith(ROLLING)
                || reason.equals(HALTED)
                || reason.equals(StatusModel.PAUSED))
        .isPresent();
  }

  /** Whether etcd's members are started anew one by one, so that a missing one is no loss. */
  boolean rollsEtcd() {
    return state instanceof UpgradeState.Rolling rolling && rolling.stage() == Stage.ETCD;
  }

  /** Whether this says more than that pods are starting. */
  boolean isTold() {
    return state.isUnderway() || state instanceof UpgradeState.Refused;
  }

  /** For the column: one version, or both while one replaces the other. */
  String display() {
    return version
        .filter(from -> state.isUnderway() && !from.equals(target))
        .map(from -> from + "->" + target)
        .or(() -> version)
        .orElse(target);
  }

  Verdict verdict() {
    if (paused && state.isUnderway()) {
      return Verdict.no(
          StatusModel.PAUSED, "the cluster is paused; no further step of the upgrade starts");
    }
    return switch (state) {
      case UpgradeState.Complete complete -> complete();
      case UpgradeState.Unsettled unsettled ->
          version.isPresent()
              ? complete()
              : Verdict.no("Starting", unsettled.component() + ": " + unsettled.how());
      case UpgradeState.Rolling rolling ->
          Verdict.no(
              ROLLING + rolling.stage().title(),
              rolling.component() + ": " + rolling.how() + then("; then ", rolling.next()));
      case UpgradeState.Halted halted ->
          Verdict.no(
              HALTED,
              "the upgrade stopped at "
                  + halted.component()
                  + ": "
                  + halted.why()
                  + then("; as they were: ", halted.next()));
      case UpgradeState.Refused refused ->
          Verdict.no(REFUSED, "refused, and no image changed: " + refused.why());
    };
  }

  private static Verdict complete() {
    return Verdict.yes("Complete", "all components have the images that the resource asks for");
  }

  private static String then(String word, List<String> next) {
    return next.isEmpty() ? "" : word + String.join(", ", next);
  }
}
