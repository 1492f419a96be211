package io.aetherflow.operator.upgrade;

import java.util.List;

/** How far an upgrade is. */
public sealed interface UpgradeState {

  /** All components run what the resource asks for, and are well. */
  record Complete() implements UpgradeState {}

  /** Every image is as asked for, but a component is not well, or still starts. */
  record Unsettled(String component, String how) implements UpgradeState {}

  /**
   * One component is on its way, or must become well before the next may start.
   *
   * @param next components that wait
   */
  record Rolling(Stage stage, String component, String how, List<String> next)
      implements UpgradeState {}

  /**
   * A step failed, so no further one starts.
   *
   * @param next components that keep what they have
   */
  record Halted(Stage stage, String component, String why, List<String> next)
      implements UpgradeState {}

  /** The resource asks for what cannot work; every component keeps what it has. */
  record Refused(String why) implements UpgradeState {}

  /** Whether something is under way that a later look should not forget. */
  default boolean isUnderway() {
    return this instanceof Rolling || this instanceof Halted;
  }
}
