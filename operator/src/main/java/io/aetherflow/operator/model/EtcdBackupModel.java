package io.aetherflow.operator.model;

import io.aetherflow.operator.certificates.Role;
import io.aetherflow.operator.model.EffectiveSpec.EtcdPlan.Members;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSetPersistentVolumeClaimRetentionPolicy;
import java.util.Map;

/**
 * The keeper of etcd's snapshots. A StatefulSet although it is one pod: there are never two at
 * once, and its volume outlives it and the cluster, whatever {@code deletionPolicy} says of the
 * members'.
 */
final class EtcdBackupModel {
  static final String SNAPSHOT_DIR = "/var/lib/etcd-snapshots";

  private static final String TMP = "tmp";
  private static final String JVM =
      "-Xmx48m -Xss512k -XX:-UsePerfData -XX:+UseSerialGC -XX:TieredStopAtLevel=1"
          + " -XX:+ExitOnOutOfMemoryError";

  private final EffectiveSpec spec;
  private final Names names;
  private final Members members;
  private final BackupPlan plan;

  EtcdBackupModel(EffectiveSpec spec, Members members, BackupPlan plan) {
    this.spec = spec;
    this.names = spec.names();
    this.members = members;
    this.plan = plan;
  }

  StatefulSet statefulSet() {
    StatefulSet set = plain();
    if (!(spec.etcdTls() instanceof EtcdTls.None)) {
      PodSpec pod = set.getSpec().getTemplate().getSpec();
      pod.getVolumes().add(EtcdTlsVolume.of(spec, Role.CLIENT));
      Container keeper = pod.getContainers().getFirst();
      keeper.getVolumeMounts().add(EtcdTlsVolume.mount());
      keeper.getEnv().add(Pods.value("ETCD_TLS_DIR", EtcdTlsVolume.DIR));
    }
    return set;
  }

  private StatefulSet plain() {
    return new StatefulSetBuilder()
        .withMetadata(Metadata.of(names, names.etcdBackup(), Names.ETCD_BACKUP))
        .withNewSpec()
        .withServiceName(names.etcdHeadless())
        .withReplicas(1)
        .withPodManagementPolicy("Parallel")
        .withNewUpdateStrategy()
        .withType("RollingUpdate")
        .endUpdateStrategy()
        .withNewSelector()
        .withMatchLabels(Labels.selector(names, Names.ETCD_BACKUP))
        .endSelector()
        .withNewTemplate()
        .withNewMetadata()
        .withLabels(Labels.object(names, Names.ETCD_BACKUP))
        .endMetadata()
        .withNewSpec()
        .withAutomountServiceAccountToken(false)
        .withTerminationGracePeriodSeconds(5L)
        .withSecurityContext(Pods.podSecurity())
        .withImagePullSecrets(spec.imagePullSecrets())
        .withContainers(container())
        .withVolumes(new VolumeBuilder().withName(TMP).withNewEmptyDir().endEmptyDir().build())
        .endSpec()
        .endTemplate()
        .withVolumeClaimTemplates(claim())
        .withPersistentVolumeClaimRetentionPolicy(
            new StatefulSetPersistentVolumeClaimRetentionPolicy("Retain", "Retain"))
        .endSpec()
        .build();
  }

  private Container container() {
    return new ContainerBuilder()
        .withName(Names.ETCD_BACKUP)
        .withImage(members.keeperImage())
        .withImagePullPolicy("IfNotPresent")
        .withArgs("etcd-backup")
        .withEnv(
            Pods.value("CLUSTER", names.namespace() + "/" + names.cluster()),
            Pods.value("ETCD_ENDPOINTS", String.join(",", members.endpoints())),
            Pods.value("SNAPSHOT_DIR", SNAPSHOT_DIR),
            Pods.value("INTERVAL_SECONDS", Long.toString(plan.intervalSeconds())),
            Pods.value("RETENTION", Integer.toString(plan.retention())),
            Pods.value("JAVA_TOOL_OPTIONS", JVM))
        .withResources(Sizes.etcdBackup())
        .withSecurityContext(Pods.containerSecurity())
        .addNewVolumeMount()
        .withName(Names.SNAPSHOTS)
        .withMountPath(SNAPSHOT_DIR)
        .endVolumeMount()
        .addNewVolumeMount()
        .withName(TMP)
        .withMountPath("/tmp")
        .endVolumeMount()
        .build();
  }

  private PersistentVolumeClaim claim() {
    return new PersistentVolumeClaimBuilder()
        .withNewMetadata()
        .withName(Names.SNAPSHOTS)
        .endMetadata()
        .withNewSpec()
        .withAccessModes("ReadWriteOnce")
        .withStorageClassName(plan.storageClassName().orElse(null))
        .withVolumeMode("Filesystem")
        .withNewResources()
        .withRequests(Map.of("storage", plan.size()))
        .endResources()
        .endSpec()
        .build();
  }
}
