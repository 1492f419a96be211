package io.aetherflow.e2e;

import static io.aetherflow.e2e.etcd.BareCluster.uids;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aetherflow.e2e.cluster.Cluster;
import io.aetherflow.e2e.cluster.ClusterTest;
import io.aetherflow.e2e.cluster.LocalOnly;
import io.aetherflow.e2e.etcd.BareCluster;
import io.aetherflow.e2e.etcd.MemberVolume;
import io.aetherflow.e2e.kube.AfcState;
import io.aetherflow.e2e.kube.Kubectl;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** What the operator does about data of etcd only when a person says so, by an annotation. */
@ClusterTest
@LocalOnly
@Order(78)
class LostDataTest {
  private final Cluster cluster;
  private final BareCluster lost;

  LostDataTest(Cluster cluster) {
    this.cluster = cluster;
    this.lost = new BareCluster(cluster, "lost");
  }

  @BeforeEach
  void begin() {
    assumeTrue(Kubectl.installed(), "kubectl is not installed");
    cluster.awaitReady();
    lost.create();
  }

  @AfterEach
  void cleanUp() {
    lost.remove();
  }

  @Test
  void aClusterWithoutAnyDataBeginsAgainOnlyWhenItIsTold() throws IOException {
    lost.put("gone");
    Set<String> claims = uids(lost.claims());
    Set<String> members = uids(lost.members());
    wipe(lost.members());

    AfcState state =
        lost.afc()
            .await(
                "a lost quorum",
                BareCluster.TIMEOUT,
                each -> each.condition("EtcdAvailable").reason().equals("QuorumLost"));
    assertThat(state.condition("EtcdAvailable").message())
        .as("the way out")
        .contains("delete no volume", "docs/operations.md");
    // Each has asked to be let in, so the operator has had to decide.
    Awaitility.await("members that end for want of data")
        .atMost(BareCluster.TIMEOUT)
        .until(() -> lost.members().stream().allMatch(LostDataTest::endedTwice));
    assertThat(uids(lost.members())).as("no pod was started anew").isEqualTo(members);
    assertThat(uids(lost.claims())).isEqualTo(claims);
    assertThat(lost.afc().get().condition("EtcdAvailable").reason()).isEqualTo("QuorumLost");

    annotate("etcd-start-empty", "true");
    lost.awaitMembers();
    assertThat(lost.value()).isEmpty();
  }

  @Test
  void aMemberThatIsGivenUpComesBackWithANewVolume() {
    lost.put("kept");
    Map<String, String> ids = lost.afc().get().etcdMemberIds();
    Map<String, String> claims = claims();
    String name = lost.members().getLast().getMetadata().getName();

    annotate("etcd-discard-member", ids.get(name));
    lost.afc()
        .await(
            name + " under another id, and all well",
            BareCluster.TIMEOUT,
            state ->
                state.display("etcd").equals("3/3")
                    && state.condition("EtcdAvailable").reason().equals("AllMembersHealthy")
                    && !ids.get(name).equals(state.etcdMemberIds().get(name)));

    Map<String, String> after = claims();
    assertThat(after.remove("data-" + name)).isNotEqualTo(claims.remove("data-" + name));
    assertThat(after).as("volumes of the others").isEqualTo(claims);
    assertThat(lost.value()).isEqualTo("kept");
  }

  private void wipe(List<Pod> members) throws IOException {
    List<MemberVolume> volumes =
        members.stream().map(pod -> MemberVolume.of(cluster, pod.getMetadata().getName())).toList();
    // In this order, or a successor might find what is being deleted.
    for (MemberVolume volume : volumes) {
      volume.wipe();
    }
    members.forEach(pod -> cluster.local().processes().ofPod(pod).kill());
  }

  private static boolean endedTwice(Pod pod) {
    List<ContainerStatus> containers = pod.getStatus().getContainerStatuses();
    return !containers.isEmpty()
        && containers.stream().allMatch(each -> each.getRestartCount() >= 2);
  }

  private Map<String, String> claims() {
    return lost.claims().stream()
        .collect(
            Collectors.toMap(
                each -> each.getMetadata().getName(), each -> each.getMetadata().getUid()));
  }

  private void annotate(String name, String value) {
    lost.afc()
        .patch(
            "{\"metadata\":{\"annotations\":{\"aetherflow.io/%s\":\"%s\"}}}"
                .formatted(name, value));
  }
}
