package io.aetherflow.e2e;

import static io.aetherflow.e2e.etcd.BareCluster.uids;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aetherflow.e2e.cluster.Cluster;
import io.aetherflow.e2e.cluster.ClusterTest;
import io.aetherflow.e2e.cluster.LocalOnly;
import io.aetherflow.e2e.etcd.BareCluster;
import io.aetherflow.e2e.kube.Kubectl;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** What becomes of etcd's data when a cluster is deleted, by {@code spec.deletionPolicy}. */
@ClusterTest
@LocalOnly
@Order(77)
class DeletionTest {
  private final Cluster cluster;
  private final BareCluster keep;

  DeletionTest(Cluster cluster) {
    this.cluster = cluster;
    this.keep = new BareCluster(cluster, "keep");
  }

  @BeforeEach
  void begin() {
    assumeTrue(Kubectl.installed(), "kubectl is not installed");
    cluster.awaitReady();
    keep.create();
  }

  @AfterEach
  void cleanUp() {
    keep.remove();
  }

  @Test
  void retainedDataIsTakenUpAndDataToBeDeletedGoes() {
    keep.put("first");
    Set<String> claims = uids(keep.claims());

    keep.delete();
    keep.awaitNoPod();
    assertThat(uids(keep.claims()))
        .as("by default the claims stay")
        .hasSize(BareCluster.MEMBERS)
        .isEqualTo(claims);
    keep.create();
    assertThat(keep.value()).as("the next cluster of the name goes on with it").isEqualTo("first");
    assertThat(uids(keep.claims())).isEqualTo(claims);

    changePolicy("Delete");
    keep.delete();
    keep.awaitNoPod();
    Awaitility.await("no claim").atMost(BareCluster.TIMEOUT).until(() -> keep.claims().isEmpty());
  }

  @Test
  void aPolicyThatWasEditedToRetainKeepsTheData() {
    keep.put("spared");
    Set<String> claims = uids(keep.claims());
    changePolicy("Delete");
    changePolicy("Retain");

    keep.delete();
    keep.awaitNoPod();
    assertThat(uids(keep.claims()))
        .as("the claims stay")
        .hasSize(BareCluster.MEMBERS)
        .isEqualTo(claims);
    keep.create();
    assertThat(keep.value()).as("the next cluster of the name goes on with it").isEqualTo("spared");
    assertThat(uids(keep.claims())).isEqualTo(claims);
  }

  @Test
  void whatIsOrphanedRunsOnAndIsTakenOver() {
    keep.put("orphaned");
    Set<String> claims = uids(keep.claims());
    Set<String> members = uids(keep.members());

    keep.orphan();
    assertThat(uids(keep.members())).as("its members run on").isEqualTo(members);
    assertThat(keep.value()).isEqualTo("orphaned");
    keep.create();

    assertThat(uids(keep.members())).as("taken over without a restart").isEqualTo(members);
    assertThat(uids(keep.claims())).isEqualTo(claims);
    assertThat(keep.value()).isEqualTo("orphaned");
    keep.delete();
    keep.awaitNoPod();
    assertThat(uids(keep.claims())).as("and still retained").isEqualTo(claims);
  }

  /** Returns when it is carried out: what counts is who owns the claims. */
  private void changePolicy(String policy) {
    keep.afc().patch("{\"spec\":{\"deletionPolicy\":\"" + policy + "\"}}");
    boolean owned = policy.equals("Delete");
    Awaitility.await("claims after the policy " + policy)
        .atMost(BareCluster.TIMEOUT)
        .until(() ->
            keep.claims().stream()
                .noneMatch(each -> each.getMetadata().getOwnerReferences().isEmpty() == owned));
  }
}
