package io.aetherflow.operator.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Objects for a Prometheus that others run by the Prometheus operator. ServiceMonitors read what is
 * behind a Service, so metrics get headless Services of their own: those of the pods carry Quantum.
 */
public final class PrometheusOperatorModel {
  public static final String API_VERSION = "monitoring.coreos.com/v1";
  public static final String SERVICE_MONITOR = "ServiceMonitor";
  public static final String PROMETHEUS_RULE = "PrometheusRule";

  private static final String COMPONENT = "monitoring";
  private static final String METRICS_SUFFIX = "-metrics";
  private static final String POD_LABEL = "__meta_kubernetes_pod_label_";

  private PrometheusOperatorModel() {}

  static List<HasMetadata> of(EffectiveSpec spec) {
    Names names = spec.names();
    List<HasMetadata> objects = new ArrayList<>();
    String pods = names.cluster() + METRICS_SUFFIX;
    objects.add(
        headless(
            names,
            pods,
            Map.of(Labels.CLUSTER, names.cluster(), "protocol", "quantum"),
            Ports.METRICS));
    objects.add(monitor(spec, pods));
    if (spec.etcd() instanceof EffectiveSpec.EtcdPlan.Members) {
      String etcd = names.etcd() + METRICS_SUFFIX;
      objects.add(headless(names, etcd, Labels.selector(names, Names.ETCD), Ports.ETCD_METRICS));
      objects.add(monitor(spec, etcd));
    }
    objects.add(rule(names));
    return objects;
  }

  private static Service headless(
      Names names, String name, Map<String, String> selector, int port) {
    Service service =
        Services.clusterIp(names, name, COMPONENT, List.of(Services.tcp("metrics", port, port)));
    service.getMetadata().getLabels().put("aetherflow.io/metrics", name);
    service.getSpec().setSelector(selector);
    service.getSpec().setClusterIP("None");
    // A pod that is not ready is the one to look at.
    service.getSpec().setPublishNotReadyAddresses(true);
    return service;
  }

  private static GenericKubernetesResource monitor(EffectiveSpec spec, String service) {
    Map<String, Object> endpoint =
        Map.of(
            "port",
            "metrics",
            "interval",
            spec.monitoring().scrapeIntervalSeconds() + "s",
            "relabelings",
            List.of(
                Map.of("action", "replace", "targetLabel", "job", "replacement", "aetherflow-pods"),
                copy(POD_LABEL + "app_kubernetes_io_component", "component"),
                copy(POD_LABEL + "aetherflow_io_cluster", "aetherflow_cluster")));
    return resource(
        spec.names(),
        SERVICE_MONITOR,
        service,
        Map.of(
            "selector",
            Map.of("matchLabels", Map.of("aetherflow.io/metrics", service)),
            "endpoints",
            List.of(endpoint)));
  }

  private static Map<String, Object> copy(String source, String target) {
    return Map.of("action", "replace", "sourceLabels", List.of(source), "targetLabel", target);
  }

  private static GenericKubernetesResource rule(Names names) {
    List<Object> groups = new ArrayList<>();
    YAMLMapper yaml = new YAMLMapper();
    MonitoringFiles.rules()
        .forEach((file, text) -> {
          try {
            groups.addAll(
                yaml.readValue(text, new TypeReference<Map<String, List<Object>>>() {})
                    .get("groups"));
          } catch (JsonProcessingException e) {
            throw new IllegalStateException(file + " is no YAML", e);
          }
        });
    return resource(names, PROMETHEUS_RULE, names.cluster() + "-rules", Map.of("groups", groups));
  }

  private static GenericKubernetesResource resource(
      Names names, String kind, String name, Map<String, Object> spec) {
    return new GenericKubernetesResourceBuilder()
        .withApiVersion(API_VERSION)
        .withKind(kind)
        .withMetadata(Metadata.of(names, name, COMPONENT))
        .addToAdditionalProperties("spec", spec)
        .build();
  }
}
