package io.aetherflow.operator.model;

import io.aetherflow.operator.model.MonitoringPlan.Program;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The cluster's own Alertmanager. */
final class AlertmanagerModel {
  private static final String CONFIG_DIR = "/etc/alertmanager";
  private static final String CONFIG_KEY = "alertmanager.yml";

  /** Owner may read, group too: fsGroup makes the pod's user a member. */
  private static final int SECRET_MODE = 0440;

  /** Groups as the alerts are labelled; whom to tell only the user knows. */
  private static final String TELLS_NOBODY =
      """
      route:
        receiver: nobody
        group_by: [namespace, aetherflow_cluster, alertname]
      receivers:
        - name: nobody
      """;

  private final EffectiveSpec spec;
  private final Names names;
  private final Program program;
  private final Listen listen;

  AlertmanagerModel(EffectiveSpec spec, Program program, Listen listen) {
    this.spec = spec;
    this.names = spec.names();
    this.program = program;
    this.listen = listen;
  }

  List<HasMetadata> objects() {
    Optional<String> secret = spec.monitoring().alertmanagerSecret();
    List<HasMetadata> objects = new ArrayList<>();
    if (secret.isEmpty()) {
      objects.add(
          new ConfigMapBuilder()
              .withMetadata(Metadata.of(names, names.alertmanagerConfig(), Names.ALERTMANAGER))
              .addToData(CONFIG_KEY, TELLS_NOBODY)
              .build());
    }
    objects.add(
        Services.clusterIp(
            names,
            names.workloadService(Names.ALERTMANAGER),
            Names.ALERTMANAGER,
            List.of(Services.tcp("web", Ports.ALERTMANAGER, Ports.ALERTMANAGER))));
    objects.add(
        ProgramModel.deployment(
            spec,
            program,
            Optional.empty(),
            container(),
            List.of(
                secret
                    .map(AlertmanagerModel::secret)
                    .orElse(
                        ProgramModel.configMap(ProgramModel.CONFIG, names.alertmanagerConfig())),
                ProgramModel.data(names, program)),
            Map.of(CONFIG_KEY, secret.orElse(TELLS_NOBODY))));
    return objects;
  }

  private static Volume secret(String name) {
    return new VolumeBuilder()
        .withName(ProgramModel.CONFIG)
        .withNewSecret()
        .withSecretName(name)
        .withDefaultMode(SECRET_MODE)
        .endSecret()
        .build();
  }

  private Container container() {
    return new ContainerBuilder()
        .withName(Names.ALERTMANAGER)
        .withImage(program.image())
        .withImagePullPolicy("IfNotPresent")
        .withArgs(
            "--config.file=" + CONFIG_DIR + "/" + CONFIG_KEY,
            "--storage.path=/alertmanager",
            "--web.listen-address=$(LISTEN_ADDRESS):" + Ports.ALERTMANAGER,
            // There is one, so it has nobody to gossip with.
            "--cluster.listen-address=")
        .withEnv(Pods.listenAddress(listen))
        .addNewPort()
        .withName("web")
        .withContainerPort(Ports.ALERTMANAGER)
        .withProtocol("TCP")
        .endPort()
        .withLivenessProbe(Pods.probe("/-/healthy", Ports.ALERTMANAGER, 10, 6))
        .withReadinessProbe(Pods.probe("/-/ready", Ports.ALERTMANAGER, 5, 3))
        .withResources(program.resources())
        .withSecurityContext(Pods.containerSecurity())
        .addNewVolumeMount()
        .withName(ProgramModel.CONFIG)
        .withMountPath(CONFIG_DIR)
        .withReadOnly(true)
        .endVolumeMount()
        .addNewVolumeMount()
        .withName(ProgramModel.DATA)
        .withMountPath("/alertmanager")
        .endVolumeMount()
        .build();
  }
}
