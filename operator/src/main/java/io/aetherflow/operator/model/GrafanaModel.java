package io.aetherflow.operator.model;

import io.aetherflow.operator.model.MonitoringPlan.Program;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The cluster's own Grafana, with its data source and dashboards in place. */
final class GrafanaModel {
  private static final String PROVISIONING = "provisioning";
  private static final String PROVISIONING_DIR = "/etc/grafana/provisioning";
  private static final String DASHBOARDS = "dashboards";
  private static final String DASHBOARDS_DIR = "/etc/grafana/dashboards";
  private static final String SOURCES_FILE = "datasources.yaml";
  private static final String PROVIDERS_FILE = "dashboards.yaml";
  private static final String TMP = "tmp";

  private static final String SOURCES =
      """
      apiVersion: 1
      datasources:
        - name: Prometheus
          uid: prometheus
          type: prometheus
          access: proxy
          url: http://${prometheus}.${namespace}.svc:${port}
          isDefault: true
          jsonData:
            timeInterval: ${interval}s
      """;

  private static final String PROVIDERS =
      """
      apiVersion: 1
      providers:
        - name: aetherflow
          folder: AetherFlow
          type: file
          disableDeletion: true
          options:
            path: /etc/grafana/dashboards
      """;

  private final EffectiveSpec spec;
  private final Names names;
  private final Program program;
  private final Listen listen;

  GrafanaModel(EffectiveSpec spec, Program program, Listen listen) {
    this.spec = spec;
    this.names = spec.names();
    this.program = program;
    this.listen = listen;
  }

  List<HasMetadata> objects() {
    Map<String, String> provisioning = provisioning();
    return List.of(
        new ConfigMapBuilder()
            .withMetadata(Metadata.of(names, names.grafanaProvisioning(), Names.GRAFANA))
            .withData(provisioning)
            .build(),
        Services.loadBalancer(
            names,
            names.workloadService(Names.GRAFANA),
            Names.GRAFANA,
            List.of(Services.tcp("web", Ports.GRAFANA, Ports.GRAFANA))),
        ProgramModel.deployment(
            spec, program, Optional.empty(), container(), volumes(), provisioning));
  }

  private Map<String, String> provisioning() {
    String sources =
        SOURCES
            .replace("${prometheus}", names.workloadService(Names.PROMETHEUS))
            .replace("${namespace}", names.namespace())
            .replace("${port}", Integer.toString(Ports.PROMETHEUS))
            .replace("${interval}", Integer.toString(spec.monitoring().scrapeIntervalSeconds()));
    return new TreeMap<>(Map.of(SOURCES_FILE, sources, PROVIDERS_FILE, PROVIDERS));
  }

  private List<Volume> volumes() {
    return List.of(
        new VolumeBuilder()
            .withName(PROVISIONING)
            .withNewConfigMap()
            .withName(names.grafanaProvisioning())
            .withDefaultMode(0444)
            .withItems(
                new KeyToPath(SOURCES_FILE, null, "datasources/" + SOURCES_FILE),
                new KeyToPath(PROVIDERS_FILE, null, "dashboards/" + PROVIDERS_FILE))
            .endConfigMap()
            .build(),
        // Grafana itself follows changes of the dashboards.
        ProgramModel.configMap(DASHBOARDS, names.grafanaDashboards()),
        ProgramModel.data(names, program),
        new VolumeBuilder().withName(TMP).withNewEmptyDir().endEmptyDir().build());
  }

  private List<EnvVar> environment() {
    return List.of(
        Pods.listenAddress(listen),
        secret("GF_SECURITY_ADMIN_USER", GrafanaAdminModel.USER),
        secret("GF_SECURITY_ADMIN_PASSWORD", GrafanaAdminModel.PASSWORD),
        Pods.value("GF_SERVER_HTTP_ADDR", "$(LISTEN_ADDRESS)"),
        Pods.value("GF_SERVER_HTTP_PORT", Integer.toString(Ports.GRAFANA)),
        Pods.value("GF_PATHS_DATA", "/var/lib/grafana"),
        Pods.value("GF_PATHS_PROVISIONING", PROVISIONING_DIR),
        Pods.value(
            "GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH", DASHBOARDS_DIR + "/application.json"),
        Pods.value("GF_LOG_MODE", "console"),
        // Nothing is fetched from or told to the world outside.
        Pods.value("GF_PLUGINS_PREINSTALL_DISABLED", "true"),
        Pods.value("GF_ANALYTICS_REPORTING_ENABLED", "false"),
        Pods.value("GF_ANALYTICS_CHECK_FOR_UPDATES", "false"),
        Pods.value("GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES", "false"));
  }

  private EnvVar secret(String variable, String key) {
    return new EnvVarBuilder()
        .withName(variable)
        .withNewValueFrom()
        .withNewSecretKeyRef(
            key, spec.monitoring().grafanaSecret().orElse(names.grafanaAdmin()), false)
        .endValueFrom()
        .build();
  }

  private Container container() {
    return new ContainerBuilder()
        .withName(Names.GRAFANA)
        .withImage(program.image())
        .withImagePullPolicy("IfNotPresent")
        .withEnv(environment())
        .addNewPort()
        .withName("web")
        .withContainerPort(Ports.GRAFANA)
        .withProtocol("TCP")
        .endPort()
        .withStartupProbe(Pods.probe("/api/health", Ports.GRAFANA, 2, 120))
        .withLivenessProbe(Pods.probe("/api/health", Ports.GRAFANA, 10, 6))
        .withReadinessProbe(Pods.probe("/api/health", Ports.GRAFANA, 5, 3))
        .withResources(program.resources())
        .withSecurityContext(Pods.containerSecurity())
        .addNewVolumeMount()
        .withName(PROVISIONING)
        .withMountPath(PROVISIONING_DIR)
        .withReadOnly(true)
        .endVolumeMount()
        .addNewVolumeMount()
        .withName(DASHBOARDS)
        .withMountPath(DASHBOARDS_DIR)
        .withReadOnly(true)
        .endVolumeMount()
        .addNewVolumeMount()
        .withName(ProgramModel.DATA)
        .withMountPath("/var/lib/grafana")
        .endVolumeMount()
        .addNewVolumeMount()
        .withName(TMP)
        .withMountPath("/tmp")
        .endVolumeMount()
        .build();
  }
}
