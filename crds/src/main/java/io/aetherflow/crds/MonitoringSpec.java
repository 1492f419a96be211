package io.aetherflow.crds;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;

/** Metrics, alerts and dashboards of the cluster. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record MonitoringSpec(
    @JsonPropertyDescription(
            "Disabled; Standalone makes a Prometheus, an Alertmanager and a Grafana;"
                + " PrometheusOperator makes ServiceMonitor and PrometheusRule objects for a"
                + " Prometheus that runs already; Auto does the latter where that API is served"
                + " and Standalone elsewhere.")
        @Default("Disabled")
        MonitoringMode mode,
    @JsonPropertyDescription("The cluster's own Prometheus.") @Default("{}")
        PrometheusSpec prometheus,
    @JsonPropertyDescription("The cluster's own Alertmanager.") @Default("{}")
        AlertmanagerSpec alertmanager,
    @JsonPropertyDescription("The cluster's own Grafana.") @Default("{}") GrafanaSpec grafana) {}
