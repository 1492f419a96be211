package io.aetherflow.operator.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.aetherflow.crds.AetherFlowCluster;
import io.aetherflow.operator.certificates.CertificateRequest;
import io.aetherflow.operator.certificates.EtcdPki;
import io.aetherflow.operator.certificates.Issuer;
import io.aetherflow.operator.certificates.Renewal;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EtcdTlsModelTest {
  private static final Platform PLATFORM = new Platform(Listen.ANY, "aetherflow-system", false);

  @Test
  void eachPodMountsOnlyItsOwnKeys() throws IOException {
    DesiredCluster desired = desired("{}", EtcdCertificates.NONE);

    assertThat(mounted(etcd(desired)))
        .containsExactly("ca.crt", "server.crt", "server.key", "peer.crt", "peer.key");
    for (Deployment each : all(desired, Deployment.class)) {
      PodSpec pod = each.getSpec().getTemplate().getSpec();
      boolean dataPlane = !mounted(pod).isEmpty();
      assertThat(env(pod).contains("ETCD_TLS_DIR")).isEqualTo(dataPlane);
      if (dataPlane) {
        assertThat(mounted(pod)).containsExactly("ca.crt", "client.crt", "client.key");
      }
    }
    assertThat(all(desired, Deployment.class))
        .filteredOn(each -> !mounted(each.getSpec().getTemplate().getSpec()).isEmpty())
        .hasSize(3);
  }

  @Test
  void withoutTlsNothingIsMounted() throws IOException {
    DesiredCluster desired = desired("{etcd: {tls: {mode: Disabled}}}", EtcdCertificates.NONE);

    assertThat(mounted(etcd(desired))).isEmpty();
    assertThat(etcd(desired).getContainers().getFirst().getArgs())
        .contains("--listen-client-urls=http://$(LISTEN_ADDRESS):2379")
        .noneMatch(flag -> flag.contains("cert"));
    assertThat(all(desired, Deployment.class))
        .allMatch(each -> mounted(each.getSpec().getTemplate().getSpec()).isEmpty());
  }

  @Test
  void aGivenSecretIsMountedAndNoneIsMade() throws IOException {
    DesiredCluster own =
        desired("{etcd: {tls: {secretName: mine}}}", new EtcdCertificates(Optional.empty(), "id"));
    assertThat(volume(etcd(own)).orElseThrow().getSecret().getSecretName()).isEqualTo("mine");
    assertThat(etcd(own).getContainers().getFirst().getArgs())
        .as("who made them chose the names")
        .noneMatch(flag -> flag.contains("allowed-cn"));
    assertThat(all(own, Secret.class)).isEmpty();

    DesiredCluster external =
        desired(
            "{etcd: {external: {endpoints: ['https://a:2379']}, tls: {secretName: mine}}}",
            EtcdCertificates.NONE);
    assertThat(
            mounted(all(external, Deployment.class).getFirst().getSpec().getTemplate().getSpec()))
        .containsExactly("ca.crt", "client.crt", "client.key");
  }

  @Test
  void onlyANewAuthorityTouchesMembersAndNothingTouchesOthers() throws IOException {
    EtcdPki first = issue(EtcdPki.NONE, "", "");
    EtcdPki renewed = issue(first, "wish", "");
    EtcdPki announced = issue(renewed, "wish", "wish");

    DesiredCluster before = desired("{}", EtcdCertificates.of(first));
    DesiredCluster after = desired("{}", EtcdCertificates.of(renewed));
    assertThat(set(after).getSpec()).isEqualTo(set(before).getSpec());
    DesiredCluster changing = desired("{}", EtcdCertificates.of(announced));
    assertThat(set(changing).getSpec().getTemplate())
        .isNotEqualTo(set(before).getSpec().getTemplate());
    assertThat(all(changing, Deployment.class)).isEqualTo(all(before, Deployment.class));
  }

  @Test
  void secretsSayTheSameWhenReadBack() {
    EtcdPki pki = issue(issue(EtcdPki.NONE, "", ""), "a wish", "another");
    List<Secret> secrets = CertificateSecrets.of(new Names("demo", "default"), pki);

    assertThat(secrets)
        .extracting(each -> each.getMetadata().getName())
        .containsExactly("demo-etcd-ca", "demo-etcd-certs");
    assertThat(secrets.get(1).getData()).doesNotContainKeys("ca.key", "next.key");
    assertThat(CertificateSecrets.read(Optional.of(secrets.get(0)), Optional.of(secrets.get(1))))
        .isEqualTo(pki);
  }

  @Test
  void whatIsMalformedCountsAsMissing() {
    EtcdPki pki = issue(EtcdPki.NONE, "", "");
    List<Secret> secrets = CertificateSecrets.of(new Names("demo", "default"), pki);
    Secret leaves = secrets.get(1);
    leaves.getData().putAll(Map.of("peer.key", "AAAA", "server.crt", "not base 64!"));

    EtcdPki read = CertificateSecrets.read(Optional.of(secrets.get(0)), Optional.of(leaves));
    assertThat(read.leaves()).hasSize(1);
    EtcdPki healed = issue(read, "", "");
    assertThat(healed.isComplete()).isTrue();
    assertThat(healed.authority()).isEqualTo(pki.authority());
  }

  private static EtcdPki issue(EtcdPki seen, String leaves, String authority) {
    CertificateRequest request =
        new CertificateRequest(
            "default/demo",
            CertificateHosts.of(new Names("demo", "default")),
            Duration.ofDays(90),
            Duration.ofDays(3650),
            leaves,
            authority);
    Instant now = Instant.parse("2026-01-01T00:00:00Z");
    return Renewal.of(seen, request, false, now, new Issuer(new SecureRandom()));
  }

  private static DesiredCluster desired(String spec, EtcdCertificates certificates)
      throws IOException {
    AetherFlowCluster cluster =
        new YAMLMapper()
            .readValue(
                "{metadata: {name: demo, namespace: default}, spec: " + spec + "}",
                AetherFlowCluster.class);
    EffectiveSpec effective = EffectiveSpec.of(cluster);
    return DesiredCluster.of(
        effective, PLATFORM, EtcdShape.fresh(effective.names(), 3).with(certificates));
  }

  private static PodSpec etcd(DesiredCluster desired) {
    return set(desired).getSpec().getTemplate().getSpec();
  }

  private static StatefulSet set(DesiredCluster desired) {
    return all(desired, StatefulSet.class).getFirst();
  }

  private static Optional<Volume> volume(PodSpec pod) {
    return pod.getVolumes().stream().filter(each -> each.getName().equals("etcd-tls")).findFirst();
  }

  private static List<String> mounted(PodSpec pod) {
    return volume(pod)
        .map(each -> each.getSecret().getItems().stream().map(KeyToPath::getPath).toList())
        .orElse(List.of());
  }

  private static List<String> env(PodSpec pod) {
    return pod.getContainers().getFirst().getEnv().stream().map(EnvVar::getName).toList();
  }

  private static <T extends HasMetadata> List<T> all(DesiredCluster desired, Class<T> type) {
    return desired.objects().stream().filter(type::isInstance).map(type::cast).toList();
  }
}
