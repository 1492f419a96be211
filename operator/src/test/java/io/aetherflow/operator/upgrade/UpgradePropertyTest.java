package io.aetherflow.operator.upgrade;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * A cluster that rolls what it is told, with edits, broken images, lost pods and statuses that were
 * not written in between.
 */
class UpgradePropertyTest {
  private static final int EVENTS = 60;
  private static final int STEPS_TO_SETTLE = 12;
  private static final String BROKEN = "-broken";

  @Property(tries = 500)
  void oneStepAtATimeInOrderAndItAlwaysComesToAnEnd(@ForAll long seed) {
    Random random = new Random(seed);
    World world = new World();
    world.want(random.nextInt(3), false);
    for (int i = 0; i < EVENTS; i++) {
      switch (random.nextInt(6)) {
        case 0 -> world.want(random.nextInt(4), random.nextInt(4) == 0);
        case 1 -> world.lose(random.nextInt(World.NAMES.size()));
        default -> world.advance(random);
      }
      world.decide(random.nextInt(4) != 0);
    }
    // Whatever happened, a spec that the cluster can reach is reached.
    world.want(world.reachable(), false);
    for (int i = 0; i < STEPS_TO_SETTLE; i++) {
      world.heal();
      world.decide(true);
    }
    assertThat(world.state).isEqualTo(new UpgradeState.Complete());
    assertThat(world.chosen).isEqualTo(world.targets());
  }

  @Property(tries = 20)
  void aBrokenImageReachesOneComponentAndTheRevertHeals(@ForAll long seed) {
    World world = new World();
    world.want(1, false);
    world.settle();
    Map<String, String> before = new TreeMap<>(world.chosen);

    world.want(2, true);
    for (int i = 0; i < STEPS_TO_SETTLE; i++) {
      world.heal();
      world.decide(true);
    }
    assertThat(world.state).isInstanceOf(UpgradeState.Halted.class);
    assertThat(world.chosen.values()).filteredOn(image -> image.endsWith(BROKEN)).hasSize(1);

    world.want(1, false);
    world.settle();
    assertThat(world.chosen).isEqualTo(before);
  }

  /** Six components with two kinds of pods: those that run and those that do not. */
  private static final class World {
    static final List<String> NAMES =
        List.of(
            "etcd", "session-service", "statesync-service", "ledger", "api-gateway", "etcd-backup");
    private static final List<Kind> KINDS =
        List.of(Kind.ETCD, Kind.SERVICE, Kind.SERVICE, Kind.OWN_SERVICE, Kind.GATEWAY, Kind.KEEPER);
    private static final Set<Kind> VERSIONED = EnumSet.of(Kind.SERVICE, Kind.GATEWAY);

    private final Map<String, String> chosen = new TreeMap<>();
    private final Map<String, Boolean> well = new TreeMap<>();
    private final Set<String> replaced = new TreeSet<>();
    private UpgradeState state = new UpgradeState.Complete();
    private int minor;
    private boolean broken;

    void want(int minor, boolean broken) {
      this.minor = minor;
      this.broken = broken;
    }

    /** Broken is one service: the second step of its version. */
    private String target(String name) {
      return switch (name) {
        case "etcd" -> "quay.io/coreos/etcd:v3.5.21";
        case "ledger" -> "mine/ledger:" + minor + ".7.0";
        case "session-service" -> "aetherflow/session:0." + minor + ".0" + (broken ? BROKEN : "");
        case "etcd-backup" -> "aetherflow/operator:0." + minor + ".0";
        case "statesync-service" -> "aetherflow/statesync:0." + minor + ".0";
        default -> "aetherflow/gateway:0." + minor + ".0";
      };
    }

    Map<String, String> targets() {
      Map<String, String> targets = new TreeMap<>();
      NAMES.forEach(name -> targets.put(name, target(name)));
      return targets;
    }

    /** A version next to all that run. */
    int reachable() {
      return NAMES.stream()
          .filter(name -> VERSIONED.contains(KINDS.get(NAMES.indexOf(name))))
          .map(name -> ImageVersion.of(chosen.get(name)).orElseThrow().minor())
          .min(Integer::compare)
          .orElseThrow();
    }

    void lose(int component) {
      well.put(NAMES.get(component), false);
    }

    void advance(Random random) {
      NAMES.forEach(name -> {
        if (random.nextBoolean()) {
          heal(name);
        }
      });
    }

    void heal() {
      NAMES.forEach(this::heal);
    }

    private void heal(String name) {
      well.put(name, chosen.containsKey(name) && !chosen.get(name).endsWith(BROKEN));
    }

    void settle() {
      for (int i = 0; i < STEPS_TO_SETTLE; i++) {
        heal();
        decide(true);
      }
      assertThat(state).isEqualTo(new UpgradeState.Complete());
    }

    private List<Component> components() {
      List<Component> components = new ArrayList<>();
      for (int i = NAMES.size() - 1; i >= 0; i--) {
        String name = NAMES.get(i);
        Optional<String> image = Optional.ofNullable(chosen.get(name));
        Progress progress;
        if (well.getOrDefault(name, false)) {
          progress = new Progress.Complete();
        } else if (image.filter(it -> it.endsWith(BROKEN)).isPresent()) {
          progress = new Progress.Failed("no such image");
        } else {
          progress = new Progress.Underway("starts");
        }
        components.add(new Component(name, KINDS.get(i), target(name), image, progress));
      }
      return components.reversed();
    }

    /**
     * @param written whether the status reaches the API server, and the next look
     */
    void decide(boolean written) {
      List<Component> seen = components();
      UpgradePlan plan = Upgrade.plan(seen, state.isUnderway());
      check(seen, plan, state.isUnderway());
      checkTold(seen, plan.state());
      plan.images()
          .forEach((name, image) -> {
            Optional<String> before = Optional.ofNullable(chosen.put(name, image));
            if (!before.equals(Optional.of(image))) {
              well.put(name, false);
            }
            if (before.filter(it -> !it.equals(image)).isPresent()) {
              replaced.add(name);
            }
          });
      if (!written) {
        return;
      }
      boolean begins = plan.state().isUnderway() && !state.isUnderway();
      state = plan.state();
      UpgradePlan again = Upgrade.plan(components(), state.isUnderway());
      if (!begins) {
        assertThat(again.images())
            .as("a second look, nothing having moved")
            .isEqualTo(plan.images());
      }
    }

    /** What replaces another image is told of until all is well, whatever was not written. */
    private void checkTold(List<Component> seen, UpgradeState now) {
      seen.stream().filter(Component::isComplete).map(Component::name).forEach(replaced::remove);
      if (now instanceof UpgradeState.Refused) {
        replaced.clear();
      }
      if (!replaced.isEmpty()) {
        assertThat(now.isUnderway()).as("%s after %s was replaced", now, replaced).isTrue();
      }
    }

    private static void check(List<Component> seen, UpgradePlan plan, boolean told) {
      List<Component> changed =
          seen.stream()
              .filter(each -> each.chosen().isPresent())
              .filter(each -> !plan.images().get(each.name()).equals(each.chosen().get()))
              .toList();
      assertThat(changed).as("components that change at once").hasSizeLessThanOrEqualTo(1);
      if (plan.state() instanceof UpgradeState.Refused || !told) {
        assertThat(changed).as("changes of what is refused or not told yet").isEmpty();
      }
      for (Component each : changed) {
        assertThat(seen.subList(0, seen.indexOf(each)))
            .as("components before %s", each)
            .allMatch(Component::isComplete);
        assertThat(plan.images()).containsEntry(each.name(), each.target());
      }
    }
  }
}
