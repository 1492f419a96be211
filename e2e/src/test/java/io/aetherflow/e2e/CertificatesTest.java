package io.aetherflow.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.e2e.cluster.Cluster;
import io.aetherflow.e2e.cluster.ClusterTest;
import io.aetherflow.e2e.cluster.LocalOnly;
import io.aetherflow.e2e.collab.Door;
import io.aetherflow.e2e.collab.Editor;
import io.aetherflow.e2e.collab.Ledger;
import io.aetherflow.e2e.collab.Tokens;
import io.aetherflow.e2e.etcd.EtcdCredentials;
import io.aetherflow.e2e.kube.AfcState;
import io.aetherflow.e2e.kube.Recording;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.io.IOException;
import java.security.cert.Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocket;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** etcd's certificates through their life, on a cluster that people write to. */
@ClusterTest
@Order(56)
class CertificatesTest {
  private static final Duration TIMEOUT = Duration.ofMinutes(3);
  private static final int OPS = 50;

  private final Cluster cluster;
  private final Tokens tokens;

  CertificatesTest(Cluster cluster) {
    this.cluster = cluster;
    this.tokens = Tokens.of(cluster);
  }

  @BeforeEach
  void settle() {
    cluster.awaitReady();
  }

  @Test
  void theStatusTellsWhenTheyEnd() {
    AfcState state = cluster.afc().get();
    Instant end = Instant.parse(text(state, "certificateNotAfter"));
    assertThat(end).isAfter(Instant.now().plus(Duration.ofDays(29)));
    assertThat(Instant.parse(text(state, "authorityNotAfter"))).isAfter(end);
    assertThat(state.condition("CertificatesReady").isTrue()).isTrue();
    assertThat(state.condition("CertificatesReady").toString()).contains(end.toString());
  }

  @Test
  void noPodHoldsTheKeyOfTheAuthority() {
    Stream<Pod> all =
        cluster.client().pods().inNamespace(Cluster.NAMESPACE).list().getItems().stream();
    assertThat(all.flatMap(pod -> pod.getSpec().getVolumes().stream()))
        .filteredOn(volume -> volume.getSecret() != null)
        .isNotEmpty()
        .noneMatch(volume -> volume.getSecret().getSecretName().equals("demo-etcd-ca"));
    assertThat(cluster.secret("etcd-ca").getData()).containsKeys("ca.crt", "ca.key");
  }

  @Test
  void aDeletedSecretComesBackAsItWas() {
    Map<String, String> pods = uids();
    for (String name : List.of("etcd-certs", "etcd-ca")) {
      Secret before = cluster.secret(name);
      Resource<Secret> resource = cluster.client().resource(before);
      resource.delete();
      Secret after =
          resource.waitUntilCondition(
              found ->
                  found != null
                      && !found.getMetadata().getUid().equals(before.getMetadata().getUid()),
              TIMEOUT.toSeconds(),
              TimeUnit.SECONDS);
      assertThat(after.getData()).as(name).isEqualTo(before.getData());
    }
    cluster.awaitReady();
    assertThat(uids()).as("pods").isEqualTo(pods);
  }

  @Test
  @LocalOnly
  void aRenewalRestartsNothing() {
    Map<String, String> pods = uids();
    Secret before = cluster.secret("etcd-certs");
    annotate("renew-etcd-certificates");
    Awaitility.await("new certificates")
        .atMost(TIMEOUT)
        .until(() -> !cluster.secret("etcd-certs").getData().equals(before.getData()));
    for (Pod member : cluster.pods("etcd")) {
      Awaitility.await(member.getMetadata().getName() + " shows the new certificate")
          .atMost(TIMEOUT)
          .pollInterval(Duration.ofMillis(200))
          // The member may read one file before the renewal and the other after it.
          .ignoreExceptionsMatching(failure -> failure instanceof IOException)
          .until(() -> shown(member).equals(EtcdCredentials.server(cluster.secret("etcd-certs"))));
    }
    cluster.awaitReady();
    assertThat(uids()).as("pods").isEqualTo(pods);
  }

  @Test
  void aNewAuthorityRestartsOneMemberAfterTheOtherAndNobodyElse() {
    Map<String, String> pods = uids();
    String document = "e2e-" + UUID.randomUUID();
    String authority = cluster.secret("etcd-ca").getData().get("ca.crt");

    try (Door door = Door.to(cluster, cluster.pods("api-gateway").getFirst());
        Editor ada = new Editor("ada", door, tokens.mint("ada"), document);
        Recording recording = cluster.afc().record()) {
      ada.awaitAttached(TIMEOUT);
      ada.write(OPS);
      annotate("renew-etcd-authority");
      Awaitility.await("a new authority that signs")
          .atMost(TIMEOUT)
          .pollInterval(Duration.ofMillis(200))
          .until(() -> {
            ada.write(1);
            return !authority.equals(cluster.secret("etcd-ca").getData().get("ca.crt"));
          });
      cluster.awaitReady();
      ada.write(OPS);
      ada.awaitAcked(TIMEOUT);
      Ledger.check(door, tokens.mint("carol"), document, ada);

      assertThat(recording.states())
          .as("healthy members")
          .extracting(state -> state.display("etcd"))
          .isSubsetOf("3/3", "2/3");
      assertThat(
              recording.saw(state ->
                  state.condition("CertificatesReady").toString().contains("AuthorityChanging")))
          .isTrue();
    }
    Map<String, String> after = uids();
    for (Map.Entry<String, String> pod : pods.entrySet()) {
      if (pod.getKey().startsWith("demo-etcd-")) {
        assertThat(after.get(pod.getKey())).as(pod.getKey()).isNotEqualTo(pod.getValue());
      } else {
        assertThat(after).containsEntry(pod.getKey(), pod.getValue());
      }
    }
  }

  private void annotate(String what) {
    cluster
        .afc()
        .patch(
            "{\"metadata\":{\"annotations\":{\"aetherflow.io/%s\":\"%s\"}}}"
                .formatted(what, UUID.randomUUID()));
  }

  private Certificate shown(Pod member) throws IOException {
    try (SSLSocket socket =
        (SSLSocket)
            EtcdCredentials.of(cluster.secret("etcd-certs"))
                .getSocketFactory()
                .createSocket(member.getStatus().getPodIP(), 2379)) {
      socket.startHandshake();
      return socket.getSession().getPeerCertificates()[0];
    }
  }

  private Map<String, String> uids() {
    Map<String, String> uids = new TreeMap<>();
    Stream.concat(cluster.dataPlanePods().stream(), cluster.pods("etcd").stream())
        .forEach(pod -> uids.put(pod.getMetadata().getName(), pod.getMetadata().getUid()));
    return uids;
  }

  private static String text(AfcState state, String field) {
    return String.valueOf((Object) state.resource().get("status", "etcd", field));
  }
}
