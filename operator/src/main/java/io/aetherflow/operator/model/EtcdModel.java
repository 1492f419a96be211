package io.aetherflow.operator.model;

import io.aetherflow.crds.DeletionPolicy;
import io.aetherflow.crds.EtcdStorageSpec;
import io.aetherflow.operator.model.EffectiveSpec.EtcdPlan.Members;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSetPersistentVolumeClaimRetentionPolicy;
import java.util.List;
import java.util.Map;

/**
 * Own etcd members.
 *
 * <p>Members take flags and environment, not a configuration file: etcd ignores both when it is
 * given a file, and a file cannot say "this pod's own address". The member list comes from a
 * ConfigMap by reference, so that a change of it never edits the pod template.
 */
final class EtcdModel {
  private static final String INITIAL_TOKEN = "initial-cluster-token";
  private static final String DATA = "data";

  private final Names names;
  private final EffectiveSpec spec;
  private final Members members;
  private final EtcdShape shape;
  private final Listen listen;

  EtcdModel(EffectiveSpec spec, Members members, EtcdShape shape, Listen listen) {
    this.names = spec.names();
    this.spec = spec;
    this.members = members;
    this.shape = shape;
    this.listen = listen;
  }

  ConfigMap bootstrap() {
    return new ConfigMapBuilder()
        .withMetadata(Metadata.of(names, names.etcdBootstrap(), Names.ETCD))
        .addToData(Bootstrap.MEMBERS_KEY, shape.bootstrap().members())
        .addToData(Bootstrap.STATE_KEY, shape.bootstrap().state())
        .addToData(INITIAL_TOKEN, names.namespace() + "/" + names.cluster())
        .build();
  }

  Service clientService() {
    return Services.clusterIp(
        names,
        names.etcdService(),
        Names.ETCD,
        List.of(
            Services.tcp("client", Ports.ETCD_CLIENT, Ports.ETCD_CLIENT),
            Services.tcp("peer", Ports.ETCD_PEER, Ports.ETCD_PEER)));
  }

  Service headlessService() {
    List<ServicePort> ports =
        List.of(
            Services.tcp("client", Ports.ETCD_CLIENT, Ports.ETCD_CLIENT),
            Services.tcp("peer", Ports.ETCD_PEER, Ports.ETCD_PEER));
    Service service = Services.clusterIp(names, names.etcdHeadless(), Names.ETCD, ports);
    service.getSpec().setClusterIP("None");
    // Members must find each other before any of them is ready.
    service.getSpec().setPublishNotReadyAddresses(true);
    return service;
  }

  StatefulSet statefulSet() {
    StatefulSet set =
        new StatefulSetBuilder()
            .withMetadata(Metadata.of(names, names.etcd(), Names.ETCD))
            .withNewSpec()
            .withServiceName(names.etcdHeadless())
            .withReplicas(shape.pods())
            // Ordered start would wait for member 0 to be ready, which needs a quorum.
            .withPodManagementPolicy("Parallel")
            .withNewUpdateStrategy()
            // Kubernetes would take a pod of a new template while another member is down.
            .withType("OnDelete")
            .endUpdateStrategy()
            .withNewSelector()
            .withMatchLabels(Labels.selector(names, Names.ETCD))
            .endSelector()
            .withNewTemplate()
            .withNewMetadata()
            .withLabels(Labels.object(names, Names.ETCD))
            .endMetadata()
            .withNewSpec()
            .withAutomountServiceAccountToken(false)
            .withTerminationGracePeriodSeconds(30L)
            .withSecurityContext(Pods.podSecurity())
            .withImagePullSecrets(spec.imagePullSecrets())
            .withTopologySpreadConstraints(Pods.spread(names, Names.ETCD))
            .withContainers(container())
            .endSpec()
            .endTemplate()
            .endSpec()
            .build();
    addStorage(set);
    return set;
  }

  private void addStorage(StatefulSet set) {
    EtcdStorageSpec storage = members.spec().storage();
    if (storage != null && Boolean.TRUE.equals(storage.ephemeral())) {
      set.getSpec()
          .getTemplate()
          .getSpec()
          .setVolumes(
              List.of(new VolumeBuilder().withName(DATA).withNewEmptyDir().endEmptyDir().build()));
      return;
    }
    set.getSpec().setVolumeClaimTemplates(List.of(claim(storage)));
    String whenDeleted = spec.deletionPolicy() == DeletionPolicy.RETAIN ? "Retain" : "Delete";
    set.getSpec()
        .setPersistentVolumeClaimRetentionPolicy(
            new StatefulSetPersistentVolumeClaimRetentionPolicy(whenDeleted, "Retain"));
  }

  private PersistentVolumeClaim claim(EtcdStorageSpec storage) {
    Quantity size =
        storage == null || storage.size() == null
            ? new Quantity(spec.sizes().etcdStorage())
            : storage.size();
    return new PersistentVolumeClaimBuilder()
        .withNewMetadata()
        .withName(DATA)
        .endMetadata()
        .withNewSpec()
        .withAccessModes("ReadWriteOnce")
        .withStorageClassName(storage == null ? null : storage.storageClassName())
        .withVolumeMode("Filesystem")
        .withNewResources()
        .withRequests(Map.of("storage", size))
        .endResources()
        .endSpec()
        .build();
  }

  private Container container() {
    ResourceRequirements given = members.spec().resources();
    return new ContainerBuilder()
        .withName(Names.ETCD)
        .withImage(members.image())
        .withImagePullPolicy("IfNotPresent")
        .withCommand("etcd")
        .withArgs(
            "--name=$(POD_NAME)",
            "--data-dir=/var/lib/etcd/data",
            "--listen-peer-urls=" + peerUrl("$(LISTEN_ADDRESS)"),
            "--listen-client-urls=" + clientUrl("$(LISTEN_ADDRESS)"),
            "--listen-metrics-urls=http://$(LISTEN_ADDRESS):" + Ports.ETCD_METRICS,
            "--initial-advertise-peer-urls=" + peerUrl(names.etcdMemberHost("$(POD_NAME)")),
            "--advertise-client-urls=" + clientUrl(names.etcdMemberHost("$(POD_NAME)")),
            "--auto-compaction-mode=periodic",
            "--auto-compaction-retention=1h",
            "--logger=zap")
        .withEnv(
            Pods.field("POD_NAME", "metadata.name"),
            Pods.listenAddress(listen),
            bootstrapValue("ETCD_INITIAL_CLUSTER", Bootstrap.MEMBERS_KEY),
            bootstrapValue("ETCD_INITIAL_CLUSTER_STATE", Bootstrap.STATE_KEY),
            bootstrapValue("ETCD_INITIAL_CLUSTER_TOKEN", INITIAL_TOKEN))
        .addNewPort()
        .withName("client")
        .withContainerPort(Ports.ETCD_CLIENT)
        .withProtocol("TCP")
        .endPort()
        .addNewPort()
        .withName("peer")
        .withContainerPort(Ports.ETCD_PEER)
        .withProtocol("TCP")
        .endPort()
        .withStartupProbe(Pods.probe("/health", Ports.ETCD_METRICS, 1, 120))
        .withReadinessProbe(Pods.probe("/health", Ports.ETCD_METRICS, 5, 2))
        .withResources(given == null ? spec.sizes().etcd() : given)
        .withSecurityContext(Pods.containerSecurity())
        // The last words of a member that lost its data reach the pod's status this way.
        .withTerminationMessagePolicy("FallbackToLogsOnError")
        .addNewVolumeMount()
        .withName(DATA)
        .withMountPath("/var/lib/etcd")
        .endVolumeMount()
        .build();
  }

  private EnvVar bootstrapValue(String variable, String key) {
    return new EnvVarBuilder()
        .withName(variable)
        .withNewValueFrom()
        .withNewConfigMapKeyRef(key, names.etcdBootstrap(), false)
        .endValueFrom()
        .build();
  }

  private static String peerUrl(String host) {
    return "http://" + host + ":" + Ports.ETCD_PEER;
  }

  private static String clientUrl(String host) {
    return "http://" + host + ":" + Ports.ETCD_CLIENT;
  }
}
