package io.aetherflow.operator.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.crds.AetherFlowCluster;
import io.aetherflow.operator.etcd.EtcdProcess;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Of several operators one works, under the rights of config/rbac. */
class LeaderElectionTest {
  private static final String NAMESPACE = "default";
  private static final String NAME = "elected";
  private static final String RECONCILIATIONS = "operator_sdk_reconciliations_started_total";
  private static final Duration LEASE = Duration.ofSeconds(15);
  private static final Duration READY = Duration.ofSeconds(60);

  /** A lease of 15 s runs out first; then it is found within 4.4 s, as after an end. */
  private static final Duration AFTER_A_DEATH = Duration.ofSeconds(30);

  /** A lease that was given up is found at the next look; between two are 2 s to 4.4 s. */
  private static final Duration AFTER_AN_END = Duration.ofSeconds(10);

  /** It tries to renew the lease for 10 s. */
  private static final Duration GIVES_UP = Duration.ofSeconds(25);

  @TempDir Path directory;
  private EtcdProcess etcd;
  private HollowCluster cluster;
  private KubernetesClient client;
  private Confirmations confirmations;
  private States states;
  private OperatorProcess first;
  private OperatorProcess second;

  @BeforeEach
  void start() throws Exception {
    etcd = new EtcdProcess(directory.resolve("etcd"));
    cluster = new HollowCluster(directory);
    client = cluster.client();
    confirmations = new Confirmations(etcd.endpoint(), cluster.objects());
    states = new States(client);
    first = cluster.startElected("first");
    Awaitility.await().atMost(AFTER_AN_END).until(() -> leads("first"));
    second = cluster.startElected("second");
    client.resource(resource()).create();
    states.await(NAME, "Ready", READY, States::isReady);
  }

  @AfterEach
  void stop() throws Exception {
    second.close();
    first.close();
    states.close();
    confirmations.close();
    cluster.close();
    etcd.close();
  }

  @Test
  void aStandbyRestsUntilTheLeaderDiesAndThenTakesOver() throws Exception {
    assertThat(first.metric(RECONCILIATIONS)).isPositive();
    assertThat(second.metric(RECONCILIATIONS)).as("of the standby").isZero();

    first.kill();
    config().delete();

    Awaitility.await().atMost(AFTER_A_DEATH).until(() -> config().get() != null);
    assertThat(leads("second")).as(holder()).isTrue();
    assertThat(second.metric(RECONCILIATIONS)).isPositive();
  }

  @Test
  void aLeaderThatIsAskedToEndHandsOverAtOnce() throws Exception {
    first.terminate();
    assertThat(first.endsWithin(AFTER_AN_END)).as("it has ended").isTrue();
    config().delete();

    Awaitility.await().atMost(AFTER_AN_END).until(() -> config().get() != null);
    assertThat(leads("second")).as(holder()).isTrue();
  }

  /** Otherwise two would work at once. */
  @Test
  void aLeaderWhoseLeaseIsAnothersEnds() throws Exception {
    second.kill();
    lease()
        .edit(now -> {
          now.getSpec().setHolderIdentity("somebody else");
          now.getSpec().setRenewTime(ZonedDateTime.now(ZoneOffset.UTC));
          return now;
        });

    assertThat(first.endsWithin(GIVES_UP)).isTrue();
    assertThat(holder()).isEqualTo("somebody else");
  }

  /** Another may lead as soon as the lease has run out. */
  @Test
  void aLeaderThatIsCutOffFromTheApiEndsBeforeItsLeaseRunsOut() throws Exception {
    cluster.endApi();

    assertThat(first.endsWithin(LEASE)).isTrue();
    assertThat(second.endsWithin(Duration.ZERO)).as("the standby has ended").isFalse();
  }

  private Resource<Lease> lease() {
    return client.leases().inNamespace(OperatorProcess.NAMESPACE).withName("aetherflow-operator");
  }

  /** A process that is started anew in the same pod has another name. */
  private boolean leads(String pod) {
    String holder = holder();
    return holder != null && holder.startsWith(pod + "_");
  }

  private String holder() {
    Lease lease = lease().get();
    return lease == null ? null : lease.getSpec().getHolderIdentity();
  }

  private Resource<ConfigMap> config() {
    return client.configMaps().inNamespace(NAMESPACE).withName(NAME + "-quantum-config");
  }

  private AetherFlowCluster resource() {
    return Serialization.unmarshal(
        """
        apiVersion: aetherflow.io/v1alpha1
        kind: AetherFlowCluster
        metadata: {name: %s, namespace: %s}
        spec:
          profile: Development
          etcd: {external: {endpoints: ["%s"], prefix: %s}}
          monitoring: {mode: Disabled}
        """
            .formatted(NAME, NAMESPACE, etcd.endpoint(), Confirmations.prefix(NAME)),
        AetherFlowCluster.class);
  }
}
