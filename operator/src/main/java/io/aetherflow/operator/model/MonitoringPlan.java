package io.aetherflow.operator.model;

import io.aetherflow.crds.AlertmanagerSpec;
import io.aetherflow.crds.GrafanaSpec;
import io.aetherflow.crds.MonitoringMode;
import io.aetherflow.crds.MonitoringSpec;
import io.aetherflow.crds.MonitoringStorageSpec;
import io.aetherflow.crds.Profile;
import io.aetherflow.crds.PrometheusSpec;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.Stream;

/**
 * What watches a cluster, with every default resolved.
 *
 * @param stack which objects there are
 * @param wanted what the resource asked for
 * @param retention how long Prometheus keeps samples
 */
public record MonitoringPlan(
    Stack stack,
    MonitoringMode wanted,
    Program prometheus,
    String retention,
    int scrapeIntervalSeconds,
    Optional<Program> alertmanager,
    Optional<String> alertmanagerSecret,
    Optional<Program> grafana,
    Optional<String> grafanaSecret) {

  private static final String PROMETHEUS_IMAGE = "quay.io/prometheus/prometheus:v3.5.0";
  private static final String ALERTMANAGER_IMAGE = "quay.io/prometheus/alertmanager:v0.28.1";
  private static final String GRAFANA_IMAGE = "docker.io/grafana/grafana:12.0.2";
  private static final String RETENTION = "35d";
  private static final int SCRAPE_INTERVAL_SECONDS = 15;

  /** Which objects there are. */
  public enum Stack {
    NONE,
    STANDALONE,
    PROMETHEUS_OPERATOR,
    /** ServiceMonitors are asked for, and the Kubernetes cluster does not know them. */
    API_MISSING
  }

  /** One pod of the monitoring. */
  public record Program(
      String component,
      String image,
      ResourceRequirements resources,
      Optional<MonitoringStorageSpec> storage) {}

  /**
   * @param image picks the image in full, from the one given (may be null) and the default
   */
  static MonitoringPlan of(
      Optional<MonitoringSpec> given,
      Profile profile,
      boolean prometheusOperator,
      BiFunction<String, String, String> image) {
    MonitoringMode wanted = given.map(MonitoringSpec::mode).orElse(MonitoringMode.DISABLED);
    Optional<PrometheusSpec> prometheus = given.map(MonitoringSpec::prometheus);
    Optional<AlertmanagerSpec> alertmanager = given.map(MonitoringSpec::alertmanager);
    Optional<GrafanaSpec> grafana = given.map(MonitoringSpec::grafana);
    return new MonitoringPlan(
        stack(wanted, prometheusOperator),
        wanted,
        new Program(
            Names.PROMETHEUS,
            image.apply(prometheus.map(PrometheusSpec::image).orElse(null), PROMETHEUS_IMAGE),
            prometheus.map(PrometheusSpec::resources).orElse(Sizes.prometheus(profile)),
            prometheus.map(PrometheusSpec::storage)),
        prometheus.map(PrometheusSpec::retention).orElse(RETENTION),
        prometheus.map(PrometheusSpec::scrapeIntervalSeconds).orElse(SCRAPE_INTERVAL_SECONDS),
        alertmanager.map(AlertmanagerSpec::enabled).orElse(true)
            ? Optional.of(
                new Program(
                    Names.ALERTMANAGER,
                    image.apply(
                        alertmanager.map(AlertmanagerSpec::image).orElse(null), ALERTMANAGER_IMAGE),
                    alertmanager.map(AlertmanagerSpec::resources).orElse(Sizes.alertmanager()),
                    Optional.empty()))
            : Optional.empty(),
        alertmanager.map(AlertmanagerSpec::configSecret),
        grafana.map(GrafanaSpec::enabled).orElse(true)
            ? Optional.of(
                new Program(
                    Names.GRAFANA,
                    image.apply(grafana.map(GrafanaSpec::image).orElse(null), GRAFANA_IMAGE),
                    grafana.map(GrafanaSpec::resources).orElse(Sizes.grafana()),
                    grafana.map(GrafanaSpec::storage)))
            : Optional.empty(),
        grafana.map(GrafanaSpec::adminSecret));
  }

  private static Stack stack(MonitoringMode wanted, boolean prometheusOperator) {
    return switch (wanted) {
      case DISABLED -> Stack.NONE;
      case STANDALONE -> Stack.STANDALONE;
      case PROMETHEUS_OPERATOR ->
          prometheusOperator ? Stack.PROMETHEUS_OPERATOR : Stack.API_MISSING;
      case AUTO -> prometheusOperator ? Stack.PROMETHEUS_OPERATOR : Stack.STANDALONE;
    };
  }

  /** Names of the Deployments there are. */
  public List<String> components() {
    if (stack != Stack.STANDALONE) {
      return List.of();
    }
    return Stream.of(Optional.of(prometheus), alertmanager, grafana)
        .flatMap(Optional::stream)
        .map(Program::component)
        .toList();
  }

  /** Whether the operator makes Grafana's password. */
  public boolean makesGrafanaSecret() {
    return stack == Stack.STANDALONE && grafana.isPresent() && grafanaSecret.isEmpty();
  }

  /** Whether the answer depends on which APIs the Kubernetes cluster serves. */
  public static boolean asksForApi(Optional<MonitoringSpec> given) {
    return given
        .map(MonitoringSpec::mode)
        .map(mode -> mode == MonitoringMode.AUTO || mode == MonitoringMode.PROMETHEUS_OPERATOR)
        .orElse(false);
  }
}
