package io.aetherflow.operator.reconciler;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.operator.etcd.EtcdFacts;
import io.aetherflow.operator.etcd.EtcdFacts.MemberHealth;
import io.aetherflow.operator.etcd.MembershipStep;
import io.aetherflow.operator.model.EtcdModel;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class EtcdRolloutTest {
  private static final String LEADER = "demo-etcd-1";

  private final List<Pod> pods = new ArrayList<>();
  private MembershipStep step = new MembershipStep.Nothing();
  private Set<String> restarted = Set.of();
  private String leader = LEADER;
  private int healthy = 3;

  /** Of the healthy, from the last down. */
  private int choosing;

  private Optional<String> problem = Optional.empty();

  EtcdRolloutTest() {
    for (int i = 0; i < 3; i++) {
      pods.add(pod(i, "old", true));
    }
  }

  @Test
  void oneAfterTheOtherAndTheLeaderLast() {
    assertThat(next()).contains("demo-etcd-2");
    pods.set(2, pod(2, "new", true));
    assertThat(next()).contains("demo-etcd-0");
    pods.set(0, pod(0, "new", true));
    assertThat(next()).contains(LEADER);
    pods.set(1, pod(1, "new", true));
    assertThat(next()).isEmpty();
    assertThat(rollout().everyMemberStartedWith("new")).isTrue();
    assertThat(rollout().everyMemberStartedWith("newer")).isFalse();
  }

  @Test
  void waitsForTheOneThatStarts() {
    pods.set(2, pod(2, "new", false));
    assertThat(next()).isEmpty();
    pods.remove(2);
    assertThat(next()).isEmpty();
  }

  @Test
  void waitsForAPodThatWasDeletedThoughTheCacheDoesNotKnow() {
    restarted = Set.of("uid-2-old");
    assertThat(next()).isEmpty();
  }

  @Test
  void waitsForEveryMemberAndForAChangeOfMembers() {
    healthy = 2;
    assertThat(next()).isEmpty();
    healthy = 3;
    step = new MembershipStep.Wait("something");
    assertThat(next()).isEmpty();
  }

  /** Asked one after the other, each may name another: the leader could not come last then. */
  @Test
  void waitsUntilALeaderIsKnown() {
    leader = "nobody";
    assertThat(next()).isEmpty();
    leader = LEADER;
    assertThat(next()).contains("demo-etcd-2");
  }

  /** One that is cut off answers, and sees no leader: with another gone there is no majority. */
  @Test
  void waitsForMembersThatSeeNoLeaderThoughTheyAreToldAsHealthy() {
    choosing = 1;
    assertThat(next()).isEmpty();
    choosing = 3;
    assertThat(next()).isEmpty();

    choosing = 1;
    pods.set(0, pod(0, "broken", false));
    assertThat(next()).as("an unready one, which the others cannot spare").isEmpty();
    choosing = 0;
    assertThat(next()).contains("demo-etcd-0");
  }

  @Test
  void aPodWhoseEtcdDoesNotRunIsReplacedWithoutWaiting() {
    pods.set(1, pod(1, "new", false));
    pods.set(2, waiting(pod(2, "broken", false)));
    healthy = 1;
    assertThat(broken()).contains("demo-etcd-2");
    assertThat(next()).isEmpty();
  }

  @Test
  void anUnreadyPodThatRunsIsReplacedOnlyIfAllOthersServe() {
    pods.set(2, pod(2, "broken", false));
    healthy = 2;
    assertThat(broken()).isEmpty();
    assertThat(next()).contains("demo-etcd-2");
    healthy = 1;
    assertThat(next()).as("another does not serve").isEmpty();
    healthy = 2;
    pods.set(1, pod(1, "old", false));
    assertThat(next()).as("another is not ready").isEmpty();
    pods.set(1, pod(1, "old", true));
    problem = Optional.of("no leader");
    assertThat(next()).as("etcd does not serve").isEmpty();
  }

  @Test
  void membersThatAllRunAndDoNotServeAreReplacedOneByOne() {
    for (int i = 0; i < 3; i++) {
      pods.set(i, pod(i, "old", false));
    }
    healthy = 0;
    problem = Optional.of("no leader");
    assertThat(next()).contains("demo-etcd-2");
    pods.set(0, waiting(pods.get(0)));
    assertThat(next()).as("one does not run").isEmpty();
  }

  @Test
  void isUnderWayWhileAPodGoesOrIsAboutTo() {
    assertThat(rollout().isUnderWay()).isTrue();
    healthy = 2;
    assertThat(rollout().isUnderWay()).as("it waits").isFalse();
    restarted = Set.of("uid-2-old");
    assertThat(rollout().isUnderWay()).as("one is leaving").isTrue();
  }

  private Optional<String> broken() {
    return rollout().broken().map(pod -> pod.getMetadata().getName());
  }

  private static Pod waiting(Pod pod) {
    return new PodBuilder(pod)
        .editStatus()
        .addNewContainerStatus()
        .withNewState()
        .withNewWaiting()
        .withReason("CrashLoopBackOff")
        .endWaiting()
        .endState()
        .endContainerStatus()
        .endStatus()
        .build();
  }

  private Optional<String> next() {
    return rollout().next().map(pod -> pod.getMetadata().getName());
  }

  private EtcdRollout rollout() {
    List<MemberHealth> members = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      String name = "demo-etcd-" + i;
      boolean chooses = i >= 3 - choosing;
      members.add(
          new MemberHealth(name, "", i < healthy, name.equals(leader) && !chooses, chooses, ""));
    }
    EtcdFacts facts =
        new EtcdFacts(members, Optional.of(new EtcdFacts.Stored(1, Map.of(), Map.of())), problem);
    return new EtcdRollout(set(), List.copyOf(pods), facts, step, restarted);
  }

  private static StatefulSet set() {
    return new StatefulSetBuilder()
        .withNewMetadata()
        .withGeneration(2L)
        .endMetadata()
        .withNewSpec()
        .withReplicas(3)
        .endSpec()
        .withNewStatus()
        .withObservedGeneration(2L)
        .withUpdateRevision("new")
        .endStatus()
        .build();
  }

  private static Pod pod(int ordinal, String revision, boolean ready) {
    return new PodBuilder()
        .withNewMetadata()
        .withName("demo-etcd-" + ordinal)
        .withUid("uid-" + ordinal + "-" + revision)
        .addToLabels("controller-revision-hash", revision)
        .addToAnnotations(EtcdModel.TRUST_ANNOTATION, revision)
        .endMetadata()
        .withNewStatus()
        .addNewCondition()
        .withType("Ready")
        .withStatus(ready ? "True" : "False")
        .endCondition()
        .endStatus()
        .build();
  }
}
