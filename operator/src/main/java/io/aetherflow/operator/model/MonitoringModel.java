package io.aetherflow.operator.model;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Everything that watches a cluster. */
final class MonitoringModel {
  private MonitoringModel() {}

  static List<HasMetadata> of(EffectiveSpec spec, Platform platform) {
    return switch (spec.monitoring().stack()) {
      case NONE, API_MISSING -> List.of();
      case STANDALONE -> standalone(spec, platform);
      case PROMETHEUS_OPERATOR -> {
        List<HasMetadata> objects = new ArrayList<>(PrometheusOperatorModel.of(spec));
        objects.add(dashboards(spec.names()));
        yield objects;
      }
    };
  }

  private static List<HasMetadata> standalone(EffectiveSpec spec, Platform platform) {
    MonitoringPlan plan = spec.monitoring();
    List<HasMetadata> objects = new ArrayList<>();
    objects.addAll(new PrometheusModel(spec, platform).objects());
    plan.alertmanager()
        .ifPresent(program ->
            objects.addAll(new AlertmanagerModel(spec, program, platform.listen()).objects()));
    plan.grafana()
        .ifPresent(program -> {
          objects.add(dashboards(spec.names()));
          objects.addAll(new GrafanaModel(spec, program, platform.listen()).objects());
        });
    // Claims come first: a pod without its volume waits.
    plan.grafana()
        .flatMap(program -> ProgramModel.claim(spec.names(), program))
        .ifPresent(objects::addFirst);
    ProgramModel.claim(spec.names(), plan.prometheus()).ifPresent(objects::addFirst);
    return objects;
  }

  /** The label is what Grafana's own sidecar looks for, where somebody else runs Grafana. */
  private static ConfigMap dashboards(Names names) {
    ConfigMap dashboards =
        new ConfigMapBuilder()
            .withMetadata(Metadata.of(names, names.grafanaDashboards(), Names.GRAFANA))
            .withData(MonitoringFiles.dashboards())
            .build();
    dashboards.getMetadata().getLabels().putAll(Map.of("grafana_dashboard", "1"));
    return dashboards;
  }
}
