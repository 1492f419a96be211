package io.aetherflow.operator.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.aetherflow.crds.AetherFlowCluster;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRule;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Servers outside the cluster that its pods call: the collector of spans, the issuer of tokens. */
class OutsideServersTest {
  private static final String TRACED =
      "{networkPolicy: {mode: Enforced}, tracing: {endpoint: 'http://collector:4318' %s},"
          + " services: [{name: own, image: x/own:1, port: 9100}]}";

  @Test
  void everyPodOfTheDataPlaneLearnsWhereSpansGo() throws IOException {
    DesiredCluster desired = desired(TRACED.formatted(", samplePercent: 5"));
    List<Deployment> deployments = all(desired, Deployment.class);
    assertThat(deployments).hasSize(4);
    for (Deployment each : deployments) {
      assertThat(environment(each))
          .containsEntry("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318")
          .containsEntry("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
          .containsEntry("OTEL_TRACES_SAMPLER", "parentbased_traceidratio")
          .containsEntry("OTEL_TRACES_SAMPLER_ARG", "0.05")
          .containsEntry("OTEL_SERVICE_NAME", environment(each).get("AETHERFLOW_SERVICE"));
    }
  }

  @ParameterizedTest
  @CsvSource({"', samplePercent: 0', 0.00", "', samplePercent: 100', 1.00", "'', 0.10"})
  void theShareIsAPercentageInTheResourceAndARatioInThePod(String given, String ratio)
      throws IOException {
    assertThat(gateway(desired(TRACED.formatted(given))))
        .containsEntry("OTEL_TRACES_SAMPLER_ARG", ratio);
  }

  @Test
  void withoutACollectorNoPodTracesAndNoPolicyLetsItOut() throws IOException {
    DesiredCluster desired = desired("{networkPolicy: {mode: Enforced}}");
    assertThat(gateway(desired).keySet()).noneMatch(name -> name.startsWith("OTEL_"));
    assertThat(egress(policy(desired, "demo-quantum-protocol-policy").orElseThrow())).isEmpty();
  }

  @Test
  void thePolicyLetsPodsReachTheCollector() throws IOException {
    DesiredCluster desired = desired(TRACED.formatted(""));
    assertThat(egress(policy(desired, "demo-quantum-protocol-policy").orElseThrow()))
        .containsExactly(4318);
  }

  @Test
  void theGatewaysLearnWhoseTokensTheyTake() throws IOException {
    DesiredCluster desired =
        desired("{gateway: {auth: {jwksUrl: 'https://login/keys', issuer: i, audience: a}}}");
    assertThat(gateway(desired))
        .containsEntry("GATEWAY_JWKS_URL", "https://login/keys")
        .containsEntry("GATEWAY_JWT_ISSUER", "i")
        .containsEntry("GATEWAY_JWT_AUDIENCE", "a")
        .containsKey("JWT_SECRET_FILE");
    assertThat(all(desired, Deployment.class))
        .filteredOn(each -> environment(each).containsKey("GATEWAY_JWKS_URL"))
        .hasSize(1);
    assertThat(gateway(desired("{}")).keySet())
        .doesNotContain("GATEWAY_JWKS_URL", "GATEWAY_JWT_ISSUER", "GATEWAY_JWT_AUDIENCE");
  }

  @ParameterizedTest
  @CsvSource({"https://login/keys, 443", "http://login/keys, 80", "http://login:8180/keys, 8180"})
  void thePolicyLetsTheGatewaysAloneReachTheIssuer(String url, int port) throws IOException {
    DesiredCluster desired =
        desired("{networkPolicy: {mode: Enforced}, gateway: {auth: {jwksUrl: '" + url + "'}}}");
    NetworkPolicy issuer = policy(desired, "demo-gateway-issuer").orElseThrow();
    assertThat(egress(issuer)).containsExactly(port);
    assertThat(issuer.getSpec().getPodSelector().getMatchLabels())
        .isEqualTo(Labels.selector(desired.spec().names(), Names.GATEWAY));
    assertThat(policy(desired("{networkPolicy: {mode: Enforced}}"), "demo-gateway-issuer"))
        .isEmpty();
  }

  /** The TCP ports of rules that name no peer, but for those of DNS. */
  private static List<Integer> egress(NetworkPolicy policy) {
    return policy.getSpec().getEgress().stream()
        .filter(rule -> rule.getTo().isEmpty())
        .map(NetworkPolicyEgressRule::getPorts)
        .flatMap(List::stream)
        .map(port -> port.getPort().getIntVal())
        .filter(port -> port != 53)
        .toList();
  }

  private static Map<String, String> gateway(DesiredCluster desired) {
    return all(desired, Deployment.class).stream()
        .filter(each -> each.getMetadata().getName().equals("demo-api-gateway"))
        .findFirst()
        .map(OutsideServersTest::environment)
        .orElseThrow();
  }

  /** Of the values that are given as such. */
  private static Map<String, String> environment(Deployment deployment) {
    Map<String, String> values = new TreeMap<>();
    for (EnvVar each :
        deployment.getSpec().getTemplate().getSpec().getContainers().getFirst().getEnv()) {
      if (each.getValue() != null) {
        values.put(each.getName(), each.getValue());
      }
    }
    return values;
  }

  private static Optional<NetworkPolicy> policy(DesiredCluster desired, String name) {
    return all(desired, NetworkPolicy.class).stream()
        .filter(each -> each.getMetadata().getName().equals(name))
        .findFirst();
  }

  private static <T extends HasMetadata> List<T> all(DesiredCluster desired, Class<T> type) {
    return desired.objects().stream().filter(type::isInstance).map(type::cast).toList();
  }

  private static DesiredCluster desired(String spec) throws IOException {
    AetherFlowCluster cluster =
        new YAMLMapper()
            .readValue(
                "{metadata: {name: demo, namespace: default}, spec: " + spec + "}",
                AetherFlowCluster.class);
    return DesiredCluster.of(cluster, new Platform(Listen.ANY, "aetherflow-system", false));
  }
}
