package io.aetherflow.operator.reconciler;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.operator.etcd.EtcdFacts;
import io.aetherflow.operator.etcd.EtcdFacts.MemberHealth;
import io.aetherflow.operator.etcd.MembershipStep;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Members are started anew one at a time, and a template that broke can be taken back. */
class EtcdRollTest {
  private static final MembershipStep NOTHING = new MembershipStep.Nothing();
  private final List<Pod> pods = new ArrayList<>();
  private int leader = 2;

  @Test
  void theLeaderGoesLast() {
    members("old", "old", "old");
    assertThat(next()).contains("demo-etcd-1");

    members("old", "new", "old");
    assertThat(next()).contains("demo-etcd-0");

    members("new", "new", "old");
    assertThat(next()).contains("demo-etcd-2");

    members("new", "new", "new");
    assertThat(next()).isEmpty();
  }

  @Test
  void nothingGoesWhileAMemberIsMissing() {
    members("old", "new!", "old");
    assertThat(next()).as("one that starts").isEmpty();

    members("old", "new", "old");
    pods.get(1).getMetadata().setDeletionTimestamp("2026-01-01T00:00:00Z");
    assertThat(next()).as("one that ends").isEmpty();

    members("old", "old", "old");
    pods.remove(1);
    assertThat(next()).as("one that is not there").isEmpty();
  }

  @Test
  void nothingGoesWhileMembersComeOrGo() {
    members("old", "old", "old");

    assertThat(EtcdRoll.next(set(1), pods, facts(), new MembershipStep.Wait("a learner copies")))
        .isEmpty();
    assertThat(EtcdRoll.next(set(2), pods, facts(), NOTHING))
        .as("the controller has not seen the template yet")
        .isEmpty();
  }

  @Test
  void whatDoesNotRunAnywayGoesFirst() {
    // The template broke the last member, and was taken back: the others run what is now outdated.
    members("old!", "old", "old");

    assertThat(next()).contains("demo-etcd-0");
  }

  @Property
  void neverTwoAtOnce(@ForAll List<@IntRange(max = 3) Integer> states) {
    List<String> revisions =
        states.stream().limit(5).map(i -> List.of("old", "new", "old!", "new!").get(i)).toList();
    members(revisions.toArray(String[]::new));
    long down = revisions.stream().filter(each -> each.endsWith("!")).count();

    Optional<String> next = next();

    if (down > 0 && next.isPresent()) {
      assertThat(revisions.get(Integer.parseInt(next.get().substring("demo-etcd-".length()))))
          .as("what is taken while others are down")
          .isEqualTo("old!");
    }
  }

  private Optional<String> next() {
    return EtcdRoll.next(set(1), pods, facts(), NOTHING).map(pod -> pod.getMetadata().getName());
  }

  private void members(String... revisions) {
    pods.clear();
    for (int i = 0; i < revisions.length; i++) {
      boolean ready = !revisions[i].endsWith("!");
      pods.add(
          new PodBuilder()
              .withNewMetadata()
              .withName("demo-etcd-" + i)
              .withLabels(Map.of("controller-revision-hash", revisions[i].replace("!", "")))
              .endMetadata()
              .withNewStatus()
              .addNewCondition()
              .withType("Ready")
              .withStatus(ready ? "True" : "False")
              .endCondition()
              .endStatus()
              .build());
    }
  }

  private StatefulSet set(long generation) {
    return new StatefulSetBuilder()
        .withNewMetadata()
        .withGeneration(generation)
        .endMetadata()
        .withNewSpec()
        .withReplicas(Math.max(pods.size(), 3))
        .endSpec()
        .withNewStatus()
        .withObservedGeneration(1L)
        .withUpdateRevision("new")
        .endStatus()
        .build();
  }

  /** As the operator last heard: all well, also when a pod has gone since. */
  private EtcdFacts facts() {
    List<MemberHealth> members = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      members.add(new MemberHealth("demo-etcd-" + i, "a" + i, true, i == leader, ""));
    }
    return new EtcdFacts(
        members, Optional.of(new EtcdFacts.Stored(1, Map.of(), Map.of())), Optional.empty());
  }
}
