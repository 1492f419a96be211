package io.aetherflow.operator.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/**
 * The decisions against a model of etcd and of a StatefulSet, whose members crash, come back, and
 * lose volumes at random. A vote is only ever counted for a member that has the whole store.
 */
class MembershipPropertyTest {
  private static final int[] SIZES = {1, 3, 5};
  private static final int STEPS_TO_SETTLE_MAX = 200;

  @Property(tries = 500)
  void acknowledgedDataSurvivesAndTheWantedMembersAreReached(
      @ForAll long seed,
      @ForAll @IntRange(max = 2) int first,
      @ForAll @IntRange(min = 1, max = 60) int chaos) {
    World world = new World(new Random(seed), SIZES[first]);
    for (int i = 0; i < chaos; i++) {
      world.disturb();
      world.reconcile();
      world.check();
    }
    world.calm();
    int settled = 0;
    for (int i = 0; i < STEPS_TO_SETTLE_MAX && settled < 2; i++) {
      settled = world.reconcile() ? settled + 1 : 0;
      world.check();
    }
    assertThat(settled).as("settles; seed %d, %s", seed, world).isEqualTo(2);
    assertThat(world.roster.keySet()).as("seed %d", seed).isEqualTo(world.wanted());
    assertThat(world.pods).isEqualTo(world.desired);
  }

  /** Pods, volumes and the member list. Names stand for members; the id tells lives apart. */
  private static final class World {
    private final Random random;
    private final Map<String, RosterEntry> roster = new LinkedHashMap<>();

    /** Id of the member whose data a volume holds. */
    private final Map<String, String> volumes = new LinkedHashMap<>();

    private final Set<String> crashed = new TreeSet<>();
    private final Set<String> empty = new TreeSet<>();
    private int desired;
    private int pods;
    private int ids;
    private boolean formed;
    private Admission admission;
    private Optional<String> leader = Optional.empty();

    World(Random random, int size) {
      this.random = random;
      this.desired = size;
      this.pods = size;
      this.admission = new Admission.Founders(size);
      for (int i = 0; i < size; i++) {
        join(name(i), false);
        // A minority of the founders may come later than the first leader.
        if (2 * i > size && random.nextBoolean()) {
          crashed.add(name(i));
          RosterEntry late = roster.get(name(i));
          roster.put(
              name(i), new RosterEntry(late.id(), late.name(), late.peerUrl(), false, false));
        } else {
          volumes.put(name(i), roster.get(name(i)).id());
        }
      }
    }

    private void join(String name, boolean learner) {
      roster.put(
          name, new RosterEntry("id" + ids++, name, "http://" + name + ":2380", learner, !learner));
    }

    void disturb() {
      List<String> members = new ArrayList<>(roster.keySet());
      String one = members.get(random.nextInt(members.size()));
      switch (random.nextInt(6)) {
        case 0 -> desired = SIZES[random.nextInt(SIZES.length)];
        case 1 -> crashed.add(one);
        case 2 -> crashed.remove(one);
        case 3 -> {
          // A volume is lost only where the rest still has every acknowledged write.
          if (formed && majorityHasDataWithout(one)) {
            volumes.remove(one);
          }
        }
        default -> {}
      }
    }

    private boolean majorityHasDataWithout(String lost) {
      long voters = roster.values().stream().filter(RosterEntry::voter).count();
      long whole =
          roster.values().stream()
              .filter(RosterEntry::voter)
              .filter(m -> !m.name().equals(lost) && m.id().equals(volumes.get(m.name())))
              .count();
      return whole > voters / 2;
    }

    void calm() {
      crashed.clear();
    }

    /** One round; whether nothing was left to do. */
    boolean reconcile() {
      start();
      Set<String> healthy = healthy();
      elect(healthy);
      MembershipPlan plan =
          Membership.plan(
              new MembershipView(
                  "demo-etcd",
                  desired,
                  formed,
                  admission instanceof Admission.Founders f ? f.count() : 1,
                  !(admission instanceof Admission.Nobody),
                  pods,
                  available(),
                  Optional.of(List.copyOf(roster.values())),
                  healthy,
                  leader,
                  empty,
                  ended(),
                  Optional.empty(),
                  false,
                  name -> "http://" + name + ":2380"));
      boolean same = plan.admission().equals(admission) && plan.pods() == pods;
      admission = plan.admission();
      formed |= !(admission instanceof Admission.Founders);
      pods = plan.pods();
      act(plan.step());
      return same && plan.step() instanceof MembershipStep.Nothing;
    }

    private void start() {
      empty.clear();
      for (int i = 0; i < pods; i++) {
        String name = name(i);
        if (crashed.contains(name) || volumes.containsKey(name)) {
          continue;
        }
        // etcd compares the list with its own and turns away who has been taken out since.
        if (admission instanceof Admission.Only only
            && only.name().equals(name)
            && roster.containsKey(name)) {
          RosterEntry joining = roster.get(name);
          assertThat(joining.learner() || !joining.started())
              .as("who joins has no vote, or has never cast one")
              .isTrue();
          volumes.put(name, joining.id());
          roster.put(
              name,
              new RosterEntry(joining.id(), name, joining.peerUrl(), joining.learner(), true));
        } else {
          empty.add(name);
        }
      }
    }

    private Set<String> healthy() {
      return roster.values().stream()
          .filter(m -> Membership.ordinal(m.name()) < pods)
          .filter(m -> !crashed.contains(m.name()) && m.id().equals(volumes.get(m.name())))
          .map(RosterEntry::name)
          .collect(Collectors.toCollection(TreeSet::new));
    }

    private Set<String> ended() {
      return volumes.entrySet().stream()
          .filter(each -> Membership.ordinal(each.getKey()) < pods)
          .filter(each -> !crashed.contains(each.getKey()))
          .filter(each -> roster.values().stream().noneMatch(m -> m.id().equals(each.getValue())))
          .map(Map.Entry::getKey)
          .collect(Collectors.toCollection(TreeSet::new));
    }

    private boolean available() {
      long voters = roster.values().stream().filter(RosterEntry::voter).count();
      long up =
          roster.values().stream().filter(m -> m.voter() && healthy().contains(m.name())).count();
      return up > voters / 2;
    }

    private void elect(Set<String> healthy) {
      if (leader.filter(healthy::contains).isEmpty()) {
        List<String> able = healthy.stream().filter(name -> roster.get(name).voter()).toList();
        leader =
            able.isEmpty() ? Optional.empty() : Optional.of(able.get(random.nextInt(able.size())));
      }
    }

    private void act(MembershipStep step) {
      switch (step) {
        case MembershipStep.Nothing nothing -> {}
        case MembershipStep.Wait wait -> {}
        case MembershipStep.Restore restore -> throw new AssertionError(restore);
        case MembershipStep.RestoreFailed failed -> throw new AssertionError(failed);
        case MembershipStep.Order order -> {
          assertThat(available()).isTrue();
          carryOut(order.command());
        }
        case MembershipStep.RestartPod restart -> assertThat(empty).contains(restart.name());
        case MembershipStep.DiscardVolume discard -> {
          assertThat(roster.get(discard.name()).learner()).as("no voter loses data").isTrue();
          volumes.remove(discard.name());
        }
      }
    }

    private void carryOut(EtcdCommand command) {
      switch (command) {
        case EtcdCommand.AddLearner add -> {
          assertThat(roster).doesNotContainKey(add.name());
          assertThat(roster.values()).noneMatch(RosterEntry::learner);
          if (Membership.ordinal(add.name()) >= pods) {
            volumes.remove(add.name());
          }
          join(add.name(), true);
        }
        case EtcdCommand.Promote promote -> {
          RosterEntry was = roster.get(promote.name());
          assertThat(healthy()).as("who votes has the store").contains(promote.name());
          roster.put(
              promote.name(), new RosterEntry(was.id(), was.name(), was.peerUrl(), false, true));
        }
        case EtcdCommand.Remove remove -> {
          assertThat(leader).as("the leader went first").isNotEqualTo(Optional.of(remove.name()));
          roster.remove(remove.name());
          assertThat(available()).as("a majority is left").isTrue();
        }
        case EtcdCommand.ForgetPods forget -> throw new AssertionError(forget);
        case EtcdCommand.MoveLeader move ->
            leader =
                roster.values().stream()
                    .filter(m -> m.id().equals(move.toId()))
                    .map(RosterEntry::name)
                    .findFirst();
      }
    }

    /** A majority of the voters that have data is a majority of all voters, so nothing is lost. */
    void check() {
      long voters = roster.values().stream().filter(RosterEntry::voter).count();
      long whole =
          roster.values().stream()
              .filter(m -> m.voter() && m.id().equals(volumes.get(m.name())))
              .count();
      assertThat(whole).as("%s", this).isGreaterThan(voters / 2);
      assertThat(roster.values().stream().filter(RosterEntry::learner).count()).isLessThan(2);
    }

    Set<String> wanted() {
      Set<String> wanted = new TreeSet<>();
      for (int i = 0; i < desired; i++) {
        wanted.add(name(i));
      }
      return wanted;
    }

    private static String name(int ordinal) {
      return "demo-etcd-" + ordinal;
    }

    @Override
    public String toString() {
      return roster.values() + " volumes " + volumes + " down " + crashed + " wanted " + desired;
    }
  }
}
