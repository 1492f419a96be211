package io.aetherflow.operator.upgrade;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Decides which image each component gets now. Pure: the same components, and the same knowledge of
 * an upgrade under way, give the same plan.
 *
 * <p>A component gets its new image when all before it run theirs and are well; those after it keep
 * what they have. One that is new gets its image at once. The first image changes only when it is
 * known that an upgrade is under way, which the plan before has said: what the API server was told
 * then survives a restart of the operator, and an upgrade cannot pass for one that never was.
 */
public final class Upgrade {
  private Upgrade() {}

  /**
   * @param components in any order; those of one kind keep theirs
   * @param underway whether it is known that an upgrade is under way: the status tells, or the plan
   *     before said so
   */
  public static UpgradePlan plan(List<Component> components, boolean underway) {
    Optional<String> refusal = VersionSkew.refusal(components);
    List<Component> steps =
        components.stream().sorted(Comparator.comparing(Component::kind)).toList();
    Optional<Component> current =
        refusal.isPresent()
            ? Optional.empty()
            : steps.stream().filter(step -> !step.isComplete()).findFirst();
    boolean open =
        refusal.isEmpty() && (underway || steps.stream().noneMatch(Component::isOutdated));
    Map<String, String> images = new HashMap<>();
    List<String> waiting = new ArrayList<>();
    for (Component step : steps) {
      String image = open ? step.target() : step.chosen().orElse(step.target());
      images.put(step.name(), image);
      if (!image.equals(step.target()) && current.filter(step::equals).isEmpty()) {
        waiting.add(step.name());
      }
      open = open && step.isComplete();
    }
    UpgradeState state =
        refusal
            .<UpgradeState>map(UpgradeState.Refused::new)
            .orElseGet(() ->
                current
                    .map(step -> state(step, waiting, underway))
                    .orElse(new UpgradeState.Complete()));
    return new UpgradePlan(images, state);
  }

  private static UpgradeState state(Component step, List<String> waiting, boolean underway) {
    Stage stage = step.kind().stage();
    if (step.isOutdated()) {
      return new UpgradeState.Rolling(
          stage, step.name(), step.target() + " replaces " + step.chosen().get(), waiting);
    }
    boolean rolls = underway || !waiting.isEmpty();
    return switch (step.progress()) {
      case Progress.Failed failed when rolls ->
          new UpgradeState.Halted(stage, step.name(), failed.why(), waiting);
      case Progress.Underway under when rolls ->
          new UpgradeState.Rolling(stage, step.name(), under.how(), waiting);
      case Progress.Failed failed -> new UpgradeState.Unsettled(step.name(), failed.why());
      case Progress.Underway under -> new UpgradeState.Unsettled(step.name(), under.how());
      case Progress.Complete complete ->
          new UpgradeState.Unsettled(step.name(), "it is being created");
    };
  }
}
