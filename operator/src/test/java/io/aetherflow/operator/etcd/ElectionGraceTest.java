package io.aetherflow.operator.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.operator.etcd.EtcdFacts.MemberHealth;
import java.util.List;
import org.junit.jupiter.api.Test;

class ElectionGraceTest {
  private static final long NOW_NS = 17;
  private static final List<MemberHealth> WELL = List.of(leads("a"), follows("b"), follows("c"));
  private static final List<MemberHealth> ELECTING =
      List.of(
          down("a"), MemberHealth.withoutLeader("b", "b"), MemberHealth.withoutLeader("c", "c"));

  private final ElectionGrace grace = new ElectionGrace();

  @Test
  void membersThatChooseALeaderAreWellAndOneThatIsGoneIsNot() {
    assertThat(grace.grant(WELL, ELECTING, NOW_NS))
        .containsExactly(down("a"), chooses("b"), chooses("c"));
  }

  @Test
  void anElectionWithoutEndIsTold() {
    List<MemberHealth> told = grace.grant(WELL, ELECTING, NOW_NS);

    assertThat(grace.grant(told, ELECTING, NOW_NS + ElectionGrace.GRACE_NS - 1)).isEqualTo(told);
    assertThat(grace.grant(told, ELECTING, NOW_NS + ElectionGrace.GRACE_NS)).isEqualTo(ELECTING);
    assertThat(grace.grant(ELECTING, ELECTING, NOW_NS + ElectionGrace.GRACE_NS + 1))
        .isEqualTo(ELECTING);
  }

  @Test
  void theNextElectionHasItsOwnTime() {
    long laterNs = NOW_NS + 5 * ElectionGrace.GRACE_NS;
    grace.grant(WELL, ELECTING, NOW_NS);
    assertThat(grace.grant(WELL, WELL, NOW_NS + 1)).isEqualTo(WELL);

    assertThat(grace.grant(WELL, ELECTING, laterNs)).contains(chooses("b"), chooses("c"));
  }

  @Test
  void oneThatWasNotHealthyHasNoGrace() {
    assertThat(grace.grant(List.of(), ELECTING, NOW_NS)).isEqualTo(ELECTING);
    assertThat(grace.grant(List.of(follows("b")), ELECTING, NOW_NS))
        .containsExactly(down("a"), chooses("b"), MemberHealth.withoutLeader("c", "c"));
  }

  @Test
  void oneThatStaysCutOffTakesNoGraceFromTheOthers() {
    long laterNs = NOW_NS + 5 * ElectionGrace.GRACE_NS;
    List<MemberHealth> cutOff =
        List.of(leads("a"), follows("b"), MemberHealth.withoutLeader("c", "c"));
    grace.grant(WELL, cutOff, NOW_NS);
    assertThat(grace.grant(cutOff, cutOff, laterNs)).isEqualTo(cutOff);

    assertThat(grace.grant(cutOff, ELECTING, laterNs + 1))
        .containsExactly(down("a"), chooses("b"), MemberHealth.withoutLeader("c", "c"));
  }

  private static MemberHealth chooses(String name) {
    return new MemberHealth(name, name, true, false, true, "");
  }

  private static MemberHealth leads(String name) {
    return new MemberHealth(name, name, true, true, "");
  }

  private static MemberHealth follows(String name) {
    return new MemberHealth(name, name, true, false, "");
  }

  private static MemberHealth down(String name) {
    return new MemberHealth(name, "", false, false, "is not reachable");
  }
}
