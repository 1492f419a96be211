package io.aetherflow.crds;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Which objects watch the cluster. */
public enum MonitoringMode {
  @JsonProperty("Disabled")
  DISABLED,
  /** A Prometheus, an Alertmanager and a Grafana of the cluster's own. */
  @JsonProperty("Standalone")
  STANDALONE,
  /** ServiceMonitor and PrometheusRule objects, for a Prometheus that others run. */
  @JsonProperty("PrometheusOperator")
  PROMETHEUS_OPERATOR,
  /** PrometheusOperator where its API is served, Standalone where it is not. */
  @JsonProperty("Auto")
  AUTO
}
