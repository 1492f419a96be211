package io.aetherflow.operator.model;

import io.aetherflow.operator.certificates.Role;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One data-plane Deployment with what belongs to it. */
final class WorkloadModel {
  private static final String CONFIG = "quantum-config";
  private static final String CONFIG_DIR = "/etc/aetherflow/quantum";
  private static final String JWT = "jwt-secret";
  private static final String JWT_DIR = "/etc/aetherflow/jwt";
  private static final String TLS = "gateway-tls";
  private static final String TLS_DIR = "/etc/aetherflow/tls";
  private static final String TMP = "tmp";

  /** Owner may read, group too: fsGroup makes the pod's user a member. */
  private static final int SECRET_MODE = 0440;

  private final Names names;
  private final EffectiveSpec spec;
  private final Workload workload;
  private final Listen listen;

  WorkloadModel(EffectiveSpec spec, Workload workload, Listen listen) {
    this.names = spec.names();
    this.spec = spec;
    this.workload = workload;
    this.listen = listen;
  }

  Deployment deployment() {
    return new DeploymentBuilder()
        .withMetadata(
            Metadata.of(names, names.workload(workload.component()), workload.component()))
        .withNewSpec()
        // The autoscaler alone owns the number where there is one.
        .withReplicas(workload.autoscaling().isPresent() ? null : workload.replicas())
        .withNewStrategy()
        .withType("RollingUpdate")
        // A pod that never becomes ready must leave the old ones serving.
        .withNewRollingUpdate()
        .withMaxSurge(new IntOrString(1))
        .withMaxUnavailable(new IntOrString(0))
        .endRollingUpdate()
        .endStrategy()
        .withNewSelector()
        .withMatchLabels(Labels.selector(names, workload.component()))
        .endSelector()
        .withNewTemplate()
        .withNewMetadata()
        .withLabels(Labels.dataPlanePod(names, workload.component()))
        .endMetadata()
        .withSpec(podSpec())
        .endTemplate()
        .endSpec()
        .build();
  }

  Service service() {
    String name = names.workloadService(workload.component());
    if (workload.isGateway()) {
      return Services.loadBalancer(names, name, workload.component(), gatewayPorts());
    }
    return Services.clusterIp(
        names,
        name,
        workload.component(),
        List.of(
            Services.udp("quantum", workload.port(), workload.port()),
            Services.tcp("grpc", workload.port(), workload.port())));
  }

  private List<ServicePort> gatewayPorts() {
    List<ServicePort> ports = new ArrayList<>();
    ports.add(Services.tcp("http", Ports.HTTP, Ports.GATEWAY));
    if (workload.tls().filter(GatewayTls::offered).isPresent()) {
      ports.add(Services.tcp("https", Ports.HTTPS, Ports.GATEWAY_TLS));
    }
    ports.add(Services.tcp("http-alt", 8080, Ports.GATEWAY));
    return ports;
  }

  /** None for a single pod: a budget over it would block every drain. */
  Optional<PodDisruptionBudget> disruptionBudget() {
    if (workload.replicas() < 2) {
      return Optional.empty();
    }
    return Optional.of(
        new PodDisruptionBudgetBuilder()
            .withMetadata(
                Metadata.of(names, names.workload(workload.component()), workload.component()))
            .withNewSpec()
            .withMaxUnavailable(new IntOrString(1))
            .withNewSelector()
            .withMatchLabels(Labels.selector(names, workload.component()))
            .endSelector()
            .endSpec()
            .build());
  }

  Optional<HorizontalPodAutoscaler> autoscaler() {
    return workload
        .autoscaling()
        .map(autoscaling -> new AutoscalerModel(names, workload, autoscaling).autoscaler());
  }

  private PodSpec podSpec() {
    return new PodSpecBuilder()
        .withAutomountServiceAccountToken(false)
        .withTerminationGracePeriodSeconds(30L)
        .withSecurityContext(Pods.podSecurity())
        .withImagePullSecrets(spec.imagePullSecrets())
        .withTopologySpreadConstraints(Pods.spread(names, workload.component()))
        .withContainers(container())
        .withVolumes(volumes())
        .build();
  }

  private Container container() {
    ContainerBuilder container =
        new ContainerBuilder()
            .withName(workload.component())
            .withImage(workload.image())
            .withImagePullPolicy("IfNotPresent")
            .withEnv(environment())
            .withResources(workload.resources())
            .withSecurityContext(Pods.containerSecurity())
            .withVolumeMounts(mounts());
    addPorts(container);
    if (workload.tuned()) {
      container
          .withStartupProbe(Pods.probe("/healthz", Ports.HEALTH, 1, 120))
          .withLivenessProbe(Pods.probe("/healthz", Ports.HEALTH, 10, 3))
          .withReadinessProbe(Pods.probe("/readyz", Ports.HEALTH, 2, 2));
    }
    return container.build();
  }

  private List<VolumeMount> mounts() {
    List<VolumeMount> mounts = new ArrayList<>();
    mounts.add(readOnly(CONFIG, CONFIG_DIR));
    mounts.add(new VolumeMountBuilder().withName(TMP).withMountPath("/tmp").build());
    if (isEtcdSecure()) {
      mounts.add(EtcdTlsVolume.mount());
    }
    if (workload.isGateway()) {
      mounts.add(readOnly(JWT, JWT_DIR));
    }
    if (workload.tls().isPresent()) {
      mounts.add(readOnly(TLS, TLS_DIR));
    }
    return mounts;
  }

  private static VolumeMount readOnly(String volume, String path) {
    return new VolumeMountBuilder().withName(volume).withMountPath(path).withReadOnly(true).build();
  }

  private void addPorts(ContainerBuilder container) {
    if (workload.isGateway()) {
      addPort(container, "http", workload.port(), "TCP");
      if (workload.tls().isPresent()) {
        addPort(container, "https", Ports.GATEWAY_TLS, "TCP");
      }
    } else {
      addPort(container, "quantum", workload.port(), "UDP");
      addPort(container, "grpc", workload.port(), "TCP");
    }
    addPort(container, "health", Ports.HEALTH, "TCP");
    addPort(container, "metrics", Ports.METRICS, "TCP");
  }

  private static void addPort(ContainerBuilder container, String name, int port, String protocol) {
    container.addNewPort().withName(name).withContainerPort(port).withProtocol(protocol).endPort();
  }

  private List<EnvVar> environment() {
    List<EnvVar> env = new ArrayList<>();
    env.add(Pods.field("POD_NAME", "metadata.name"));
    env.add(Pods.field("POD_NAMESPACE", "metadata.namespace"));
    env.add(Pods.field("POD_UID", "metadata.uid"));
    env.add(Pods.field("POD_IP", "status.podIP"));
    env.add(Pods.listenAddress(listen));
    env.add(Pods.value("AETHERFLOW_CLUSTER", names.cluster()));
    env.add(Pods.value("AETHERFLOW_SERVICE", workload.component()));
    env.add(Pods.value("AETHERFLOW_TRANSPORT", "quantum"));
    env.add(Pods.value("QUANTUM_CONFIG_DIR", CONFIG_DIR));
    if (isEtcdSecure()) {
      env.add(Pods.value("ETCD_TLS_DIR", EtcdTlsVolume.DIR));
    }
    env.add(Pods.value("JAVA_TOOL_OPTIONS", JvmOptions.of(workload.resources(), spec.profile())));
    if (workload.isGateway()) {
      env.add(Pods.value("JWT_SECRET_FILE", JWT_DIR + "/" + JwtSecretModel.KEY));
      env.addAll(spec.gatewayAuth().environment());
    }
    if (workload.tls().isPresent()) {
      env.add(Pods.value("GATEWAY_TLS_DIR", TLS_DIR));
    }
    spec.tracing().ifPresent(plan -> env.addAll(plan.environment(workload.component())));
    env.addAll(workload.env());
    return env;
  }

  private boolean isEtcdSecure() {
    return !(spec.etcdTls() instanceof EtcdTls.None);
  }

  private List<Volume> volumes() {
    List<Volume> volumes = new ArrayList<>();
    volumes.add(
        new VolumeBuilder()
            .withName(CONFIG)
            .withNewConfigMap()
            .withName(names.quantumConfig())
            .withDefaultMode(0444)
            .endConfigMap()
            .build());
    volumes.add(new VolumeBuilder().withName(TMP).withNewEmptyDir().endEmptyDir().build());
    if (isEtcdSecure()) {
      volumes.add(EtcdTlsVolume.of(spec, Role.CLIENT));
    }
    if (workload.isGateway()) {
      volumes.add(
          new VolumeBuilder()
              .withName(JWT)
              .withNewSecret()
              .withSecretName(names.jwtSecret())
              .withDefaultMode(SECRET_MODE)
              .endSecret()
              .build());
    }
    workload.tls().map(WorkloadModel::tlsVolume).ifPresent(volumes::add);
    return volumes;
  }

  private static Volume tlsVolume(GatewayTls tls) {
    return new VolumeBuilder()
        .withName(TLS)
        .withNewSecret()
        .withSecretName(tls.secretName())
        .withDefaultMode(SECRET_MODE)
        // A Secret that comes later, or is gone for a while, must not keep pods from serving HTTP.
        .withOptional(true)
        .endSecret()
        .build();
  }
}
