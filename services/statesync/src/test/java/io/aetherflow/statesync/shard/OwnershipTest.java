package io.aetherflow.statesync.shard;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.statesync.shard.ClusterView.Member;
import io.aetherflow.statesync.shard.ClusterView.Owner;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OwnershipTest {
  private static final Member ALIVE = new Member("10.0.0.1:9091", false);
  private static final Member DRAINING = new Member("10.0.0.1:9091", true);
  private static final int SHARD = 3;

  @Test
  void aFreeShardIsClaimedByTheProposedMemberOnly() {
    ClusterView view = new ClusterView(Map.of("s-0", ALIVE, "s-1", ALIVE), Map.of());
    String proposed = new Ownership(view, "s-0", false).proposed(SHARD).orElseThrow();
    String other = proposed.equals("s-0") ? "s-1" : "s-0";
    assertThat(new Ownership(view, proposed, false).claims(SHARD)).isTrue();
    assertThat(new Ownership(view, other, false).claims(SHARD)).isFalse();
    assertThat(new Ownership(view, other, false).locate(SHARD).owner()).isEqualTo(proposed);
  }

  @Test
  void aLiveOwnerIsNotRobbedButADeadOneIs() {
    Map<Integer, Owner> owners = Map.of(SHARD, new Owner("old", "10.0.0.9:9091", 7));
    ClusterView alive = new ClusterView(Map.of("s-0", ALIVE, "old", DRAINING), owners);
    assertThat(new Ownership(alive, "s-0", false).claims(SHARD)).isFalse();
    assertThat(new Ownership(alive, "s-0", false).locate(SHARD).owner()).isEqualTo("old");
    ClusterView dead = new ClusterView(Map.of("s-0", ALIVE), owners);
    assertThat(new Ownership(dead, "s-0", false).claims(SHARD)).isTrue();
    assertThat(new Ownership(dead, "s-0", false).seenEpoch(SHARD)).isEqualTo(7);
  }

  @Test
  void aPredecessorOfTheSameNameIsReplaced() {
    ClusterView view =
        new ClusterView(Map.of("s-0", ALIVE), Map.of(SHARD, new Owner("s-0", "10.0.0.1:9091", 7)));
    assertThat(new Ownership(view, "s-0", false).claims(SHARD)).isTrue();
  }

  @Test
  void whatALostAnswerLeftIsDisowned() {
    ClusterView both = new ClusterView(Map.of("s-0", ALIVE, "s-1", ALIVE), Map.of());
    String proposed = new Ownership(both, "s-0", false).proposed(SHARD).orElseThrow();
    String other = proposed.equals("s-0") ? "s-1" : "s-0";
    ClusterView left =
        new ClusterView(both.members(), Map.of(SHARD, new Owner(other, "10.0.0.1:9091", 7)));
    assertThat(new Ownership(left, other, false).disowns(SHARD)).isTrue();
    assertThat(new Ownership(left, other, false).claims(SHARD)).isFalse();
    assertThat(new Ownership(left, proposed, false).claims(SHARD)).isFalse();
  }

  @Test
  void whoLeavesReleasesAndClaimsNothing() {
    ClusterView alone = new ClusterView(Map.of("s-0", ALIVE), Map.of());
    assertThat(new Ownership(alone, "s-0", false).releases(SHARD)).isFalse();
    assertThat(new Ownership(alone, "s-0", true).releases(SHARD)).isTrue();
    assertThat(new Ownership(alone, "s-0", true).claims(SHARD)).isFalse();
  }

  @Test
  void onlyAHigherEpochDeposes() {
    ClusterView view =
        new ClusterView(Map.of("s-0", ALIVE), Map.of(SHARD, new Owner("s-1", "10.0.0.2:9091", 7)));
    assertThat(new Ownership(view, "s-0", false).lost(SHARD, 6)).isTrue();
    assertThat(new Ownership(view, "s-0", false).lost(SHARD, 8)).as("a view behind").isFalse();
  }
}
