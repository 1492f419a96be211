package io.aetherflow.operator.model;

import java.util.Map;
import java.util.TreeMap;

/** Files of the cluster's own Prometheus: whom it reads, which rules it evaluates. */
final class PrometheusConfig {
  /**
   * The label names are those that the rules use. A pod of etcd answers on a port of its own, which
   * it does not declare; the other pods declare theirs. Pods that have ended are left out.
   */
  private static final String SCRAPE =
      """
      global:
        scrape_interval: ${interval}s
        scrape_timeout: ${timeout}s
        evaluation_interval: ${interval}s
      rule_files:
        - "*.rules.yaml"
      scrape_configs:
        - job_name: aetherflow-pods
          kubernetes_sd_configs:
            - role: pod
              namespaces:
                names: ["${namespace}"]
          relabel_configs:
            - source_labels: [__meta_kubernetes_pod_label_aetherflow_io_cluster]
              regex: "${cluster}"
              action: keep
            - source_labels: [__meta_kubernetes_pod_phase]
              regex: Succeeded|Failed
              action: drop
            - source_labels:
                - __meta_kubernetes_pod_label_app_kubernetes_io_component
                - __meta_kubernetes_pod_container_port_name
              regex: etcd;client|(prometheus|alertmanager|grafana);web|[^;]+;metrics
              action: keep
            - source_labels:
                - __meta_kubernetes_pod_label_app_kubernetes_io_component
                - __address__
              regex: etcd;(.+):\\d+
              replacement: $1:${etcdMetrics}
              target_label: __address__
            - source_labels: [__meta_kubernetes_namespace]
              target_label: namespace
            - source_labels: [__meta_kubernetes_pod_name]
              target_label: pod
            - source_labels: [__meta_kubernetes_pod_label_app_kubernetes_io_component]
              target_label: component
            - source_labels: [__meta_kubernetes_pod_label_aetherflow_io_cluster]
              target_label: aetherflow_cluster
        - job_name: aetherflow-operator
          # Its series carry the labels of the cluster they speak of.
          honor_labels: true
          static_configs:
            - targets: ["aetherflow-operator-metrics.${operatorNamespace}.svc:${metrics}"]
          metric_relabel_configs:
            - source_labels: [namespace, aetherflow_cluster]
              regex: "${namespace};${cluster}|;"
              action: keep
      """;

  private static final String ALERTING =
      """
      alerting:
        alertmanagers:
          - static_configs:
              - targets: ["${alertmanager}.${namespace}.svc:${alertmanagerPort}"]
      """;

  /** Above this a pod that answers slowly would hold up the next reading. */
  private static final int SCRAPE_TIMEOUT_SECONDS_MAX = 10;

  private PrometheusConfig() {}

  static Map<String, String> files(EffectiveSpec spec, Platform platform) {
    MonitoringPlan plan = spec.monitoring();
    Names names = spec.names();
    int interval = plan.scrapeIntervalSeconds();
    String text = plan.alertmanager().isPresent() ? SCRAPE + ALERTING : SCRAPE;
    Map<String, String> values =
        Map.of(
            "interval", Integer.toString(interval),
            "timeout", Integer.toString(Math.min(interval, SCRAPE_TIMEOUT_SECONDS_MAX)),
            "namespace", names.namespace(),
            "cluster", names.cluster(),
            "etcdMetrics", Integer.toString(Ports.ETCD_METRICS),
            "metrics", Integer.toString(Ports.METRICS),
            "operatorNamespace", platform.operatorNamespace(),
            "alertmanager", names.workloadService(Names.ALERTMANAGER),
            "alertmanagerPort", Integer.toString(Ports.ALERTMANAGER));
    for (Map.Entry<String, String> value : values.entrySet()) {
      text = text.replace("${" + value.getKey() + "}", value.getValue());
    }
    Map<String, String> files = new TreeMap<>(MonitoringFiles.rules());
    files.put("prometheus.yml", text);
    return files;
  }
}
