package io.aetherflow.operator.reconciler;

import static io.aetherflow.operator.reconciler.SeenCluster.condition;
import static io.aetherflow.operator.reconciler.SeenCluster.member;
import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.crds.AetherFlowClusterStatus;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the status says of etcd: lost members, a lost quorum, and what is not known yet. */
class EtcdStatusTest {
  private final SeenCluster seen = new SeenCluster();

  @Test
  void aLostMemberDegradesAndIsNamed() {
    seen.cluster.setStatus(seen.status());
    seen.members = List.of(member(0, true), member(1, false), member(2, true));

    AetherFlowClusterStatus status = seen.status();

    assertThat(condition(status, "EtcdAvailable"))
        .returns("True", Condition::getStatus)
        .returns("MemberDown", Condition::getReason);
    assertThat(condition(status, "Degraded").getMessage()).contains("demo-etcd-1");
    assertThat(condition(status, "Ready").getStatus()).isEqualTo("False");
  }

  @Test
  void aLostQuorumLeavesTheTuningUnknown() {
    seen.cluster.setStatus(seen.status());
    seen.members = List.of(member(0, true), member(1, false), member(2, false));
    seen.problem = Optional.of("etcd did not read /config/ within 3 s");

    AetherFlowClusterStatus status = seen.status();

    assertThat(condition(status, "EtcdAvailable").getReason()).isEqualTo("QuorumLost");
    assertThat(condition(status, "TuningApplied").getStatus()).isEqualTo("Unknown");
    assertThat(condition(status, "Ready").getReason()).isEqualTo("QuorumLost");
  }

  @Test
  void anEtcdThatStartsIsNoFailure() {
    seen.members = List.of();
    seen.problem = Optional.of("etcd could not read /config/: connection refused");

    AetherFlowClusterStatus status = seen.status();

    assertThat(condition(status, "EtcdAvailable").getReason()).isEqualTo("Starting");
    assertThat(condition(status, "Degraded").getStatus()).isEqualTo("False");
    assertThat(condition(status, "Ready").getReason()).isEqualTo("Progressing");
  }

  /** The first look of an operator that has just started finds nothing out yet. */
  @Test
  void anOperatorThatHasJustStartedClaimsNoLoss() {
    seen.cluster.setStatus(seen.status());
    seen.askedBefore = false;

    AetherFlowClusterStatus status = seen.status();

    assertThat(condition(status, "EtcdAvailable"))
        .returns("Unknown", Condition::getStatus)
        .returns("Connecting", Condition::getReason);
    assertThat(condition(status, "Degraded").getStatus()).isEqualTo("False");
    assertThat(condition(status, "Ready").getStatus()).isEqualTo("Unknown");
    seen.cluster.setStatus(status);
    seen.askedBefore = true;
    seen.members = List.of(member(0, true), member(1, false), member(2, true));
    assertThat(condition(seen.status(), "Degraded").getReason()).isEqualTo("MemberDown");
  }

  /** A read of the store may be faster than the first round of questions to the members. */
  @Test
  void membersThatNobodyHasAskedYetAreNotMissing() {
    seen.cluster.setStatus(seen.status());
    seen.members = List.of();

    assertThat(condition(seen.status(), "EtcdAvailable"))
        .returns("Unknown", Condition::getStatus)
        .returns("Connecting", Condition::getReason);
  }
}
