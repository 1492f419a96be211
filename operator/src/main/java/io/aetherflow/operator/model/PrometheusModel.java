package io.aetherflow.operator.model;

import io.aetherflow.operator.model.MonitoringPlan.Program;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBuilder;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The cluster's own Prometheus. */
final class PrometheusModel {
  private static final String RBAC = "rbac.authorization.k8s.io";
  private static final String CONFIG_DIR = "/etc/prometheus";

  private final EffectiveSpec spec;
  private final Names names;
  private final Program program;
  private final Platform platform;

  PrometheusModel(EffectiveSpec spec, Platform platform) {
    this.spec = spec;
    this.names = spec.names();
    this.program = spec.monitoring().prometheus();
    this.platform = platform;
  }

  List<HasMetadata> objects() {
    Map<String, String> config = PrometheusConfig.files(spec, platform);
    return List.of(
        account(),
        role(),
        roleBinding(),
        config(config),
        Services.clusterIp(
            names,
            names.workloadService(Names.PROMETHEUS),
            Names.PROMETHEUS,
            List.of(Services.tcp("web", Ports.PROMETHEUS, Ports.PROMETHEUS))),
        ProgramModel.deployment(
            spec,
            program,
            Optional.of(names.workload(Names.PROMETHEUS)),
            container(),
            List.of(
                ProgramModel.configMap(ProgramModel.CONFIG, names.prometheusConfig()),
                ProgramModel.data(names, program)),
            config));
  }

  private ConfigMap config(Map<String, String> files) {
    return new ConfigMapBuilder()
        .withMetadata(Metadata.of(names, names.prometheusConfig(), Names.PROMETHEUS))
        .withData(files)
        .build();
  }

  private ServiceAccount account() {
    return new ServiceAccountBuilder()
        .withMetadata(Metadata.of(names, names.workload(Names.PROMETHEUS), Names.PROMETHEUS))
        .build();
  }

  /** It finds the pods to read, in its own namespace, and nothing more. */
  private Role role() {
    return new RoleBuilder()
        .withMetadata(Metadata.of(names, names.workload(Names.PROMETHEUS), Names.PROMETHEUS))
        .addNewRule()
        .withApiGroups("")
        .withResources("pods")
        .withVerbs("get", "list", "watch")
        .endRule()
        .build();
  }

  private RoleBinding roleBinding() {
    return new RoleBindingBuilder()
        .withMetadata(Metadata.of(names, names.workload(Names.PROMETHEUS), Names.PROMETHEUS))
        .withNewRoleRef(RBAC, "Role", names.workload(Names.PROMETHEUS))
        .addNewSubject()
        .withKind("ServiceAccount")
        .withName(names.workload(Names.PROMETHEUS))
        .withNamespace(names.namespace())
        .endSubject()
        .build();
  }

  private Container container() {
    return new ContainerBuilder()
        .withName(Names.PROMETHEUS)
        .withImage(program.image())
        .withImagePullPolicy("IfNotPresent")
        .withArgs(
            "--config.file=" + CONFIG_DIR + "/prometheus.yml",
            "--storage.tsdb.path=/prometheus",
            "--storage.tsdb.retention.time=" + spec.monitoring().retention(),
            "--web.listen-address=$(LISTEN_ADDRESS):" + Ports.PROMETHEUS)
        .withEnv(Pods.listenAddress(platform.listen()))
        .addNewPort()
        .withName("web")
        .withContainerPort(Ports.PROMETHEUS)
        .withProtocol("TCP")
        .endPort()
        .withStartupProbe(Pods.probe("/-/ready", Ports.PROMETHEUS, 2, 300))
        .withLivenessProbe(Pods.probe("/-/healthy", Ports.PROMETHEUS, 10, 6))
        .withReadinessProbe(Pods.probe("/-/ready", Ports.PROMETHEUS, 5, 3))
        .withResources(program.resources())
        .withSecurityContext(Pods.containerSecurity())
        .addNewVolumeMount()
        .withName(ProgramModel.CONFIG)
        .withMountPath(CONFIG_DIR)
        .withReadOnly(true)
        .endVolumeMount()
        .addNewVolumeMount()
        .withName(ProgramModel.DATA)
        .withMountPath("/prometheus")
        .endVolumeMount()
        .build();
  }
}
