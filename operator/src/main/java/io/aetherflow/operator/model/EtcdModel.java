package io.aetherflow.operator.model;

import io.aetherflow.crds.DeletionPolicy;
import io.aetherflow.crds.EtcdStorageSpec;
import io.aetherflow.operator.certificates.Role;
import io.aetherflow.operator.model.EffectiveSpec.EtcdPlan.Members;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.ContainerPortBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSetPersistentVolumeClaimRetentionPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Own etcd members.
 *
 * <p>Members take flags and environment, not a configuration file: etcd ignores both when it is
 * given a file, and a file cannot say "this pod's own address". The member list comes from a
 * ConfigMap by reference, so that a change of it never edits the pod template.
 */
public final class EtcdModel {
  private static final String INITIAL_TOKEN = "initial-cluster-token";
  private static final String DATA = "data";
  static final String VOLUME_DIR = "/var/lib/etcd";
  static final String DATA_DIR = VOLUME_DIR + "/data";

  /** A member that has reached its quota still serves reads, and is healed while it runs. */
  private static final String HEALTH = "/health?exclude=NOSPACE";

  /** Which authorities a member read when it started. */
  public static final String TRUST_ANNOTATION = "aetherflow.io/etcd-trust";

  /**
   * A member keeps so many raft entries in memory, and 5,000 more. With etcd's own 10,000 to
   * 100,000 statesync's entries of 20 to 60 kB outgrow the memory of the pod within minutes.
   */
  private static final int RAFT_ENTRIES_PER_SNAPSHOT = 1_000;

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
            // The operator deletes the pods, for it knows when etcd can do without one.
            .withType("OnDelete")
            .endUpdateStrategy()
            .withNewSelector()
            .withMatchLabels(Labels.selector(names, Names.ETCD))
            .endSelector()
            .withNewTemplate()
            .withNewMetadata()
            .withLabels(Labels.object(names, Names.ETCD))
            .withAnnotations(annotations())
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
    addTls(set);
    return set;
  }

  /** None for a single member: a budget over it would block every drain. */
  Optional<PodDisruptionBudget> disruptionBudget() {
    if (members.count() < 2) {
      return Optional.empty();
    }
    return Optional.of(
        new PodDisruptionBudgetBuilder()
            .withMetadata(Metadata.of(names, names.etcd(), Names.ETCD))
            .withNewSpec()
            // One of three is survived, and one of five at a time lets the others catch up.
            .withMaxUnavailable(new IntOrString(1))
            .withNewSelector()
            .withMatchLabels(Labels.selector(names, Names.ETCD))
            .endSelector()
            .endSpec()
            .build());
  }

  private Map<String, String> annotations() {
    return isSecure() ? Map.of(TRUST_ANNOTATION, shape.certificates().trustId()) : Map.of();
  }

  private boolean isSecure() {
    return !(spec.etcdTls() instanceof EtcdTls.None);
  }

  private void addTls(StatefulSet set) {
    if (!isSecure()) {
      return;
    }
    PodSpec pod = set.getSpec().getTemplate().getSpec();
    List<Volume> volumes = new ArrayList<>(pod.getVolumes());
    volumes.add(EtcdTlsVolume.of(spec, Role.SERVER, Role.PEER));
    pod.setVolumes(volumes);
    Container etcd = pod.getContainers().getFirst();
    etcd.getVolumeMounts().add(EtcdTlsVolume.mount());
    etcd.getArgs().addAll(tlsFlags());
  }

  private List<String> tlsFlags() {
    String dir = EtcdTlsVolume.DIR + "/";
    String trust = dir + CertificateSecrets.TRUST_KEY;
    List<String> flags = new ArrayList<>();
    flags.add("--client-cert-auth");
    flags.add("--trusted-ca-file=" + trust);
    flags.add("--cert-file=" + dir + Role.SERVER.certificateKey());
    flags.add("--key-file=" + dir + Role.SERVER.privateKeyKey());
    flags.add("--peer-client-cert-auth");
    flags.add("--peer-trusted-ca-file=" + trust);
    flags.add("--peer-cert-file=" + dir + Role.PEER.certificateKey());
    flags.add("--peer-key-file=" + dir + Role.PEER.privateKeyKey());
    if (spec.etcdTls() instanceof EtcdTls.Own) {
      // The same authority signs clients; none of them may pass for a member.
      flags.add("--peer-cert-allowed-cn=" + Role.PEER.commonName());
    }
    return flags;
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
    set.getSpec().setVolumeClaimTemplates(List.of(claim(spec, storage)));
    String whenDeleted = spec.deletionPolicy() == DeletionPolicy.RETAIN ? "Retain" : "Delete";
    set.getSpec()
        .setPersistentVolumeClaimRetentionPolicy(
            new StatefulSetPersistentVolumeClaimRetentionPolicy(whenDeleted, "Retain"));
  }

  static PersistentVolumeClaim claim(EffectiveSpec spec, EtcdStorageSpec storage) {
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
        .withArgs(flags())
        .withEnv(environment())
        .withPorts(port("client", Ports.ETCD_CLIENT), port("peer", Ports.ETCD_PEER))
        // None for liveness: a member without a leader gets none by starting anew.
        .withStartupProbe(Pods.probe(HEALTH, Ports.ETCD_METRICS, 1, 120))
        .withReadinessProbe(Pods.probe(HEALTH, Ports.ETCD_METRICS, 5, 2))
        .withResources(given == null ? spec.sizes().etcd() : given)
        .withSecurityContext(Pods.containerSecurity())
        // The last words of a member that lost its data reach the pod's status this way.
        .withTerminationMessagePolicy("FallbackToLogsOnError")
        .addNewVolumeMount()
        .withName(DATA)
        .withMountPath(VOLUME_DIR)
        .endVolumeMount()
        .build();
  }

  private List<String> flags() {
    String itself = names.etcdMemberHost("$(POD_NAME)");
    return List.of(
        "--name=$(POD_NAME)",
        "--data-dir=" + DATA_DIR,
        "--listen-peer-urls=" + peerUrl("$(LISTEN_ADDRESS)"),
        "--listen-client-urls=" + clientUrl("$(LISTEN_ADDRESS)"),
        "--listen-metrics-urls=http://$(LISTEN_ADDRESS):" + Ports.ETCD_METRICS,
        "--initial-advertise-peer-urls=" + peerUrl(itself),
        "--advertise-client-urls=" + clientUrl(itself),
        "--auto-compaction-mode=periodic",
        "--auto-compaction-retention=1h",
        "--logger=zap");
  }

  private List<EnvVar> environment() {
    return List.of(
        Pods.field("POD_NAME", "metadata.name"),
        Pods.listenAddress(listen),
        // A flag that a later etcd no longer has would keep it from starting; a variable does not.
        new EnvVar("ETCD_SNAPSHOT_COUNT", Integer.toString(RAFT_ENTRIES_PER_SNAPSHOT), null),
        bootstrapValue("ETCD_INITIAL_CLUSTER", Bootstrap.MEMBERS_KEY),
        bootstrapValue("ETCD_INITIAL_CLUSTER_STATE", Bootstrap.STATE_KEY),
        bootstrapValue("ETCD_INITIAL_CLUSTER_TOKEN", INITIAL_TOKEN));
  }

  private static ContainerPort port(String name, int number) {
    return new ContainerPortBuilder()
        .withName(name)
        .withContainerPort(number)
        .withProtocol("TCP")
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

  private String peerUrl(String host) {
    return names.etcdScheme() + "://" + host + ":" + Ports.ETCD_PEER;
  }

  private String clientUrl(String host) {
    return names.etcdScheme() + "://" + host + ":" + Ports.ETCD_CLIENT;
  }
}
