package io.aetherflow.operator.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MembershipTest {
  private int desired = 3;
  private boolean formed = true;
  private int formingMembers = 1;
  private boolean admitting;
  private int pods = 3;
  private boolean available = true;
  private List<RosterEntry> roster = new ArrayList<>(List.of(voter(0), voter(1), voter(2)));
  private final Set<String> healthy = new TreeSet<>(Set.of(name(0), name(1), name(2)));
  private Optional<String> leader = Optional.of(name(0));
  private final Set<String> empty = new TreeSet<>();
  private final Set<String> ended = new TreeSet<>();
  private Optional<String> discard = Optional.empty();
  private boolean mayStartEmpty;

  @Test
  void theFirstMembersFormTheClusterTogether() {
    formed = false;
    formingMembers = 3;
    available = false;
    healthy.clear();

    assertThat(plan()).isEqualTo(new MembershipPlan(3, new Admission.Founders(3), nothing()));
  }

  @Test
  void theDoorClosesWithTheFirstMajorityButForAFounderThatNeverStarted() {
    formed = false;
    formingMembers = 3;
    healthy.remove(name(2));
    roster.set(2, new RosterEntry(id(2), name(2), url(2), false, false));
    assertThat(plan().admission())
        .isEqualTo(new Admission.Only(name(2), url(2), List.of(url(0), url(1))));
    assertThat(plan().step()).isInstanceOf(MembershipStep.Wait.class);

    empty.add(name(2));
    assertThat(plan().step()).isEqualTo(new MembershipStep.RestartPod(name(2)));

    empty.clear();
    healthy.add(name(2));
    roster.set(2, voter(2));
    assertThat(plan().admission()).isEqualTo(new Admission.Nobody());
  }

  @Test
  void aFounderThatStartedOnceAndIsEmptyIsReplacedBeforeTheClusterWasEverComplete() {
    formed = false;
    formingMembers = 3;
    healthy.remove(name(2));
    empty.add(name(2));

    assertThat(plan().admission()).isEqualTo(new Admission.Nobody());
    assertThat(plan().step()).isEqualTo(order(new EtcdCommand.Remove(id(2), name(2))));
  }

  @Test
  void completeMeansNothingToDo() {
    assertThat(plan()).isEqualTo(new MembershipPlan(3, new Admission.Nobody(), nothing()));
  }

  @Test
  void growthBeginsWithALearnerAndOnlyThenWithItsPod() {
    desired = 5;
    assertThat(plan())
        .isEqualTo(
            new MembershipPlan(
                3, new Admission.Nobody(), order(new EtcdCommand.AddLearner(name(3), url(3)))));

    roster.add(new RosterEntry(id(3), name(3), url(3), true, false));
    assertThat(plan())
        .isEqualTo(
            new MembershipPlan(
                4,
                new Admission.Only(name(3), url(3), List.of(url(0), url(1), url(2))),
                new MembershipStep.Wait(name(3) + " joins")));

    healthy.add(name(3));
    admitting = true;
    assertThat(plan().admission()).isEqualTo(new Admission.Nobody());
    assertThat(plan().step()).isInstanceOf(MembershipStep.Wait.class);

    admitting = false;
    assertThat(plan().step()).isEqualTo(order(new EtcdCommand.Promote(id(3), name(3))));
  }

  @Test
  void nothingIsAddedWhileAMemberIsDown() {
    desired = 5;
    healthy.remove(name(1));

    assertThat(plan().step()).isInstanceOf(MembershipStep.Wait.class);
  }

  @Test
  void aLearnerThatAskedTooEarlyIsStartedAnew() {
    roster.set(2, new RosterEntry(id(2), name(2), url(2), true, false));
    healthy.remove(name(2));
    empty.add(name(2));

    assertThat(plan().step()).isEqualTo(new MembershipStep.RestartPod(name(2)));
  }

  @Test
  void aLearnerWithTheDataOfAFormerMemberBeginsWithANewVolume() {
    roster.set(2, new RosterEntry(id(2), name(2), url(2), true, false));
    healthy.remove(name(2));
    ended.add(name(2));

    assertThat(plan().step()).isEqualTo(new MembershipStep.DiscardVolume(name(2), id(2)));
  }

  @Test
  void aVoterThatEndedKeepsItsVolume() {
    healthy.remove(name(2));
    ended.add(name(2));

    assertThat(plan().step()).isEqualTo(nothing());
  }

  @Test
  void theHighestMemberGoesFirstAndItsPodOnlyAfterIt() {
    desired = 1;
    assertThat(plan().step()).isEqualTo(order(new EtcdCommand.Remove(id(2), name(2))));
    assertThat(plan().pods()).isEqualTo(3);

    roster.remove(2);
    assertThat(plan().pods()).isEqualTo(2);
    assertThat(plan().step()).isEqualTo(order(new EtcdCommand.Remove(id(1), name(1))));
  }

  @Test
  void aLeaderThatGoesHandsOverFirst() {
    desired = 1;
    leader = Optional.of(name(2));

    assertThat(plan().step()).isEqualTo(order(new EtcdCommand.MoveLeader(name(2), id(0))));
  }

  @Test
  void aMemberThatIsDownGoesBeforeOneThatServes() {
    desired = 1;
    healthy.remove(name(1));

    assertThat(plan().step()).isEqualTo(order(new EtcdCommand.Remove(id(1), name(1))));
  }

  @Test
  void nobodyGoesWhoseAbsenceWouldCostTheMajority() {
    desired = 1;
    roster = new ArrayList<>(List.of(voter(0), voter(1)));
    healthy.remove(name(0));

    assertThat(plan().step()).isInstanceOf(MembershipStep.Wait.class);
  }

  @Test
  void aMemberThatLostItsDataComesBackAsANewOne() {
    healthy.remove(name(1));
    empty.add(name(1));
    assertThat(plan().step()).isEqualTo(order(new EtcdCommand.Remove(id(1), name(1))));

    roster.remove(1);
    assertThat(plan().step()).isEqualTo(order(new EtcdCommand.AddLearner(name(1), url(1))));
    assertThat(plan().pods()).as("the pod of demo-etcd-2 stays").isEqualTo(3);
  }

  @Test
  void aMemberThatIsOnlyDownKeepsItsPlace() {
    healthy.remove(name(1));

    assertThat(plan().step()).isEqualTo(nothing());
  }

  @Test
  void withoutAMajorityNothingIsTouched() {
    available = false;
    healthy.removeAll(Set.of(name(1), name(2)));
    empty.addAll(Set.of(name(1), name(2)));
    mayStartEmpty = true;

    assertThat(plan().step()).isInstanceOf(MembershipStep.Wait.class);
    assertThat(plan().admission()).isEqualTo(new Admission.Nobody());
    assertThat(plan().pods()).isEqualTo(3);
  }

  @Test
  void onlyWhoHasNothingToLoseBeginsAgain() {
    available = false;
    healthy.clear();
    empty.addAll(Set.of(name(0), name(1), name(2)));
    assertThat(plan().admission()).isEqualTo(new Admission.Nobody());

    mayStartEmpty = true;
    assertThat(plan().admission()).isEqualTo(new Admission.Founders(3));
  }

  @Test
  void aMemberThatAPersonGaveUpHandsOverAndLosesItsVolume() {
    discard = Optional.of(id(0));
    assertThat(plan().step()).isEqualTo(order(new EtcdCommand.MoveLeader(name(0), id(1))));

    leader = Optional.of(name(1));
    assertThat(plan().step()).isEqualTo(new MembershipStep.DiscardVolume(name(0), id(0)));

    healthy.remove(name(2));
    assertThat(plan().step()).isInstanceOf(MembershipStep.Wait.class);

    discard = Optional.of("the id of a member that is gone");
    assertThat(plan().step()).isEqualTo(nothing());
  }

  @Test
  void ordinalsAreNumbersAndNotText() {
    assertThat(Membership.ordinal("demo-etcd-10")).isEqualTo(10);
    assertThat(Membership.ordinal("a-1-etcd-2")).isEqualTo(2);
    assertThat(Membership.ordinal("solo")).isZero();
  }

  @Test
  void aMemberOfAnotherNameIsNotOurs() {
    roster = new ArrayList<>(IntStream.range(0, 3).mapToObj(MembershipTest::voter).toList());
    roster.add(new RosterEntry("ff", "other-1", "http://other-1.x:2380", false, true));
    healthy.add("other-1");

    assertThat(plan().step()).isEqualTo(order(new EtcdCommand.Remove("ff", "other-1")));
  }

  private MembershipPlan plan() {
    return Membership.plan(
        new MembershipView(
            "demo-etcd",
            desired,
            formed,
            formingMembers,
            admitting,
            pods,
            available,
            Optional.of(roster),
            healthy,
            leader,
            empty,
            ended,
            discard,
            mayStartEmpty,
            name -> url(Membership.ordinal(name))));
  }

  private static MembershipStep nothing() {
    return new MembershipStep.Nothing();
  }

  private static MembershipStep order(EtcdCommand command) {
    return new MembershipStep.Order(command);
  }

  private static RosterEntry voter(int ordinal) {
    return new RosterEntry(id(ordinal), name(ordinal), url(ordinal), false, true);
  }

  private static String id(int ordinal) {
    return "a" + ordinal;
  }

  private static String name(int ordinal) {
    return "demo-etcd-" + ordinal;
  }

  private static String url(int ordinal) {
    return "http://" + name(ordinal) + ".x:2380";
  }
}
