package io.aetherflow.operator.model;

import io.aetherflow.operator.model.EffectiveSpec.EtcdPlan;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRuleBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRuleBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeerBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Who may talk to whom. The policy of the first design admits Quantum between the roles and, being
 * the only one, would cut DNS, etcd and every TCP connection; the others here let those through.
 */
final class NetworkPolicyModel {
  private static final String NAMESPACE_NAME = "kubernetes.io/metadata.name";
  private static final int DNS = 53;

  private NetworkPolicyModel() {}

  static List<NetworkPolicy> of(EffectiveSpec spec, Platform platform) {
    Names names = spec.names();
    NetworkPolicyPeer cluster = peer(selector(Map.of(Labels.CLUSTER, names.cluster())));
    NetworkPolicyPeer operator =
        new NetworkPolicyPeerBuilder()
            .withNamespaceSelector(selector(Map.of(NAMESPACE_NAME, platform.operatorNamespace())))
            .build();
    List<NetworkPolicy> policies = new ArrayList<>(monitoring(spec, cluster));
    policies.addAll(0, dataPlane(spec, cluster, operator));
    issuer(spec).ifPresent(policies::add);
    return policies;
  }

  /** To the keys of the issuer of tokens, for the gateways alone; names they resolve already. */
  private static Optional<NetworkPolicy> issuer(EffectiveSpec spec) {
    Names names = spec.names();
    return spec.gatewayAuth()
        .jwksUrl()
        .map(url ->
            policy(
                names,
                "gateway-issuer",
                selector(Labels.selector(names, Names.GATEWAY)),
                List.of(),
                List.of(egressToPorts(httpPort(url)))));
  }

  private static List<NetworkPolicy> dataPlane(
      EffectiveSpec spec, NetworkPolicyPeer cluster, NetworkPolicyPeer operator) {
    Names names = spec.names();
    return List.of(
        quantum(spec, cluster),
        policy(
            names,
            "etcd",
            selector(Labels.selector(names, Names.ETCD)),
            List.of(
                ingress(List.of(cluster), tcp(Ports.ETCD_CLIENT), tcp(Ports.ETCD_PEER)),
                ingress(List.of(operator), tcp(Ports.ETCD_CLIENT), tcp(Ports.ETCD_METRICS)),
                ingress(List.of(), tcp(Ports.ETCD_METRICS))),
            List.of(dns(), egressTo(cluster))),
        policy(
            names,
            "gateway-ingress",
            selector(Labels.selector(names, Names.GATEWAY)),
            List.of(ingress(List.of(), gatewayPorts(spec))),
            List.of()),
        policy(
            names,
            "metrics-and-health",
            selector(Map.of(Labels.CLUSTER, names.cluster(), "protocol", "quantum")),
            List.of(ingress(List.of(), tcp(Ports.METRICS), tcp(Ports.HEALTH))),
            List.of()));
  }

  /** Grafana is for people; the other two answer the cluster's own pods. Reading is free to go. */
  private static List<NetworkPolicy> monitoring(EffectiveSpec spec, NetworkPolicyPeer cluster) {
    Names names = spec.names();
    return spec.monitoring().components().stream()
        .map(component ->
            policy(
                names,
                component,
                selector(Labels.selector(names, component)),
                List.of(
                    switch (component) {
                      case Names.GRAFANA -> ingress(List.of(), tcp(Ports.GRAFANA));
                      case Names.ALERTMANAGER -> ingress(List.of(cluster), tcp(Ports.ALERTMANAGER));
                      default -> ingress(List.of(cluster), tcp(Ports.PROMETHEUS));
                    }),
                List.of()))
        .toList();
  }

  private static NetworkPolicyPort[] gatewayPorts(EffectiveSpec spec) {
    boolean https = spec.workloads().stream().anyMatch(each -> each.tls().isPresent());
    return https
        ? new NetworkPolicyPort[] {tcp(Ports.GATEWAY), tcp(Ports.GATEWAY_TLS)}
        : new NetworkPolicyPort[] {tcp(Ports.GATEWAY)};
  }

  private static NetworkPolicy quantum(EffectiveSpec spec, NetworkPolicyPeer cluster) {
    Names names = spec.names();
    NetworkPolicyPort[] ports =
        spec.workloads().stream()
            .filter(workload -> !workload.isGateway())
            .flatMap(workload -> List.of(udp(workload.port()), tcp(workload.port())).stream())
            .toArray(NetworkPolicyPort[]::new);
    List<NetworkPolicyPeer> roles =
        List.of(
            peer(selector(Map.of(Labels.CLUSTER, names.cluster(), "role", "api-gateway"))),
            peer(selector(Map.of(Labels.CLUSTER, names.cluster(), "role", "microservice"))));
    return policy(
        names,
        "quantum-protocol-policy",
        selector(Map.of(Labels.CLUSTER, names.cluster(), "protocol", "quantum")),
        List.of(ingress(roles, ports)),
        egress(spec, cluster));
  }

  private static NetworkPolicy policy(
      Names names,
      String suffix,
      LabelSelector pods,
      List<NetworkPolicyIngressRule> ingress,
      List<NetworkPolicyEgressRule> egress) {
    NetworkPolicyBuilder policy =
        new NetworkPolicyBuilder()
            .withMetadata(Metadata.of(names, names.cluster() + "-" + suffix, "network"))
            .withNewSpec()
            .withPodSelector(pods)
            .withPolicyTypes(egress.isEmpty() ? List.of("Ingress") : List.of("Ingress", "Egress"))
            .withIngress(ingress)
            .endSpec();
    if (!egress.isEmpty()) {
      policy.editSpec().withEgress(egress).endSpec();
    }
    return policy.build();
  }

  private static NetworkPolicyIngressRule ingress(
      List<NetworkPolicyPeer> from, NetworkPolicyPort... ports) {
    return new NetworkPolicyIngressRuleBuilder()
        .withFrom(from.isEmpty() ? null : from)
        .withPorts(ports)
        .build();
  }

  private static List<NetworkPolicyEgressRule> egress(
      EffectiveSpec spec, NetworkPolicyPeer cluster) {
    List<NetworkPolicyEgressRule> rules = new ArrayList<>(List.of(dns(), egressTo(cluster)));
    if (spec.etcd() instanceof EtcdPlan.External external) {
      rules.add(egressToPorts(external.endpoints()));
    }
    spec.tracing().ifPresent(plan -> rules.add(egressToPorts(httpPort(plan.endpoint()))));
    return rules;
  }

  private static NetworkPolicyEgressRule egressToPorts(List<String> endpoints) {
    return egressToPorts(
        endpoints.stream()
            .mapToInt(endpoint -> URI.create(endpoint).getPort())
            .map(port -> port < 0 ? Ports.ETCD_CLIENT : port)
            .distinct()
            .toArray());
  }

  private static NetworkPolicyEgressRule egressToPorts(int... ports) {
    return new NetworkPolicyEgressRuleBuilder()
        .withPorts(
            IntStream.of(ports).mapToObj(NetworkPolicyModel::tcp).toArray(NetworkPolicyPort[]::new))
        .build();
  }

  private static int httpPort(String url) {
    URI uri = URI.create(url);
    if (uri.getPort() > 0) {
      return uri.getPort();
    }
    return uri.getScheme().equals("https") ? Ports.HTTPS : Ports.HTTP;
  }

  private static NetworkPolicyEgressRule egressTo(NetworkPolicyPeer peer) {
    return new NetworkPolicyEgressRuleBuilder().withTo(peer).build();
  }

  private static NetworkPolicyEgressRule dns() {
    return new NetworkPolicyEgressRuleBuilder().withPorts(udp(DNS), tcp(DNS)).build();
  }

  private static NetworkPolicyPeer peer(LabelSelector pods) {
    return new NetworkPolicyPeerBuilder().withPodSelector(pods).build();
  }

  private static LabelSelector selector(Map<String, String> labels) {
    return new LabelSelectorBuilder().withMatchLabels(labels).build();
  }

  private static NetworkPolicyPort tcp(int port) {
    return new NetworkPolicyPort(null, new IntOrString(port), "TCP");
  }

  private static NetworkPolicyPort udp(int port) {
    return new NetworkPolicyPort(null, new IntOrString(port), "UDP");
  }
}
