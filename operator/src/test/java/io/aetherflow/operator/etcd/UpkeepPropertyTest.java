package io.aetherflow.operator.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The care of databases in a small model of members that fill, stop, lead and raise alarms. */
class UpkeepPropertyTest {
  private static final UpkeepPlan PLAN = new UpkeepPlan(100, 50);
  private static final long QUOTA = 1_000;
  private static final int RUNS = 300;
  private static final int STEPS = 200;
  private static final Duration TURN = Duration.ofMinutes(1);

  @Test
  void noStepTakesServiceFromMoreThanOneMember() {
    for (long seed = 0; seed < RUNS; seed++) {
      World world = new World(seed);
      for (int i = 0; i < STEPS; i++) {
        world.disturb();
        world.turn();
      }
    }
  }

  @Test
  void historyThatFillsTheQuotaIsHealedWhenAllServe() {
    for (long seed = 0; seed < RUNS; seed++) {
      World world = new World(seed);
      world.members.replaceAll((name, m) -> new Disk(QUOTA, 100, true));
      world.noSpace = true;
      // One step to compact, one for each member, one to disarm.
      for (int i = 0; i < world.members.size() + 2; i++) {
        world.turn();
      }
      assertThat(world.noSpace).as("seed %d", seed).isFalse();
      assertThat(world.members.values()).allMatch(disk -> disk.file == disk.used);
      assertThat(world.turn()).isEqualTo(new UpkeepStep.Nothing());
    }
  }

  @Test
  void anAlarmThatIsSoonBackIsToldAndNotFought() {
    World world = new World(1);
    world.members.replaceAll((name, m) -> new Disk(QUOTA, QUOTA, true));
    int disarms = 0;
    for (int i = 0; i < 100; i++) {
      // Somebody writes whenever it is admitted.
      world.noSpace = true;
      disarms += world.turn() instanceof UpkeepStep.Disarm ? 1 : 0;
    }
    assertThat(disarms).isBetween(1, (int) (100 / UpkeepPlan.ALARM_BACK.dividedBy(TURN)) + 1);
    assertThat(world.told).isGreaterThan(50);
  }

  @Test
  void aSmallOrDenseFileIsLeftAlone() {
    for (MemberSpace fine :
        List.of(
            new MemberSpace("m-0", true, true, 150, 60, false),
            new MemberSpace("m-0", true, true, 1_000, 501, false))) {
      UpkeepView view =
          new UpkeepView(List.of(fine), false, Map.of(), false, Set.of(), Optional.empty());
      assertThat(PLAN.next(view)).isEqualTo(new UpkeepStep.Nothing());
    }
  }

  private record Disk(long file, long used, boolean serving) {}

  private static final class World {
    final Random random;
    final Map<String, Disk> members = new HashMap<>();
    final Map<String, Integer> defragmentedAt = new HashMap<>();
    final Set<String> cleared = new HashSet<>();
    String leader = "m-0";
    boolean noSpace;
    boolean compacted;
    boolean changing;
    Optional<Integer> disarmedAt = Optional.empty();
    int now;
    int told;

    World(long seed) {
      random = new Random(seed);
      int count = 1 + 2 * random.nextInt(3);
      for (int i = 0; i < count; i++) {
        members.put("m-" + i, new Disk(200, 200, true));
      }
    }

    void disturb() {
      List<String> names = new ArrayList<>(members.keySet());
      String name = names.get(random.nextInt(names.size()));
      Disk disk = members.get(name);
      switch (random.nextInt(8)) {
        case 0 -> members.put(name, new Disk(disk.file, disk.used, !disk.serving));
        case 1 -> members.replaceAll((n, d) -> new Disk(d.file, d.file / 3, d.serving));
        case 2 -> members.put(name, new Disk(disk.file + 300, disk.used + 300, disk.serving));
        case 3 -> leader = name;
        case 4 -> changing = !changing;
        default -> {}
      }
      noSpace |= members.values().stream().anyMatch(d -> d.file > QUOTA);
    }

    UpkeepStep turn() {
      now++;
      if (!noSpace) {
        compacted = false;
        cleared.clear();
      }
      UpkeepStep step = PLAN.next(view());
      switch (step) {
        case UpkeepStep.Nothing nothing -> assertThat(noSpace).isFalse();
        case UpkeepStep.Wait wait ->
            assertThat(changing || members.values().stream().anyMatch(d -> !d.serving)).isTrue();
        case UpkeepStep.Tell tell -> {
          assertThat(noSpace).isTrue();
          told++;
        }
        case UpkeepStep.Compact compact -> {
          assertThat(noSpace).as("history goes only in need").isTrue();
          compacted = true;
        }
        case UpkeepStep.Defragment defragment -> defragment(defragment.member());
        case UpkeepStep.Disarm disarm -> {
          assertThat(cleared).as("all have given room back").isEqualTo(members.keySet());
          noSpace = false;
          disarmedAt = Optional.of(now);
        }
      }
      return step;
    }

    private void defragment(String name) {
      assertThat(changing).isFalse();
      assertThat(members.values()).as("all serve").allMatch(Disk::serving);
      if (name.equals(leader) && noSpace) {
        assertThat(cleared).as("the leader is last").hasSize(members.size() - 1);
      }
      Disk disk = members.get(name);
      members.put(name, new Disk(disk.used, disk.used, true));
      cleared.add(name);
      defragmentedAt.put(name, now);
    }

    private UpkeepView view() {
      Map<String, Duration> ago = new HashMap<>();
      defragmentedAt.forEach((name, at) -> ago.put(name, TURN.multipliedBy(now - at)));
      return new UpkeepView(
          members.entrySet().stream()
              .map(e ->
                  new MemberSpace(
                      e.getKey(),
                      e.getValue().serving,
                      e.getKey().equals(leader),
                      e.getValue().file,
                      e.getValue().used,
                      noSpace))
              .toList(),
          changing,
          ago,
          compacted,
          cleared,
          disarmedAt.map(at -> TURN.multipliedBy(now - at)));
    }
  }
}
