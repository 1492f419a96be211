package io.aetherflow.operator.model;

import io.aetherflow.crds.EtcdRestoreSpec;
import io.aetherflow.operator.model.EffectiveSpec.EtcdPlan.Members;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A pod that fills the volume of the first member with a snapshot, once, by etcd's own tool from
 * etcd's own image. The tool refuses a directory that has data.
 */
public final class EtcdRestoreModel {
  private static final String DATA = "data";
  private static final String SNAPSHOT_DIR = "/snapshots";

  /** From here on the image has etcdutl alone; before 3.5 it has etcdctl alone, 3.5 has both. */
  private static final int ETCDUTL_MINOR = 6;

  private static final Pattern MINOR = Pattern.compile(":v?3\\.(\\d{1,3})(?![0-9])");

  private EtcdRestoreModel() {}

  /** The member that begins alone; the others join it as learners. */
  public static String member(Names names) {
    return names.etcdMember(0);
  }

  /** The volume of that member, as its StatefulSet would make it. */
  public static PersistentVolumeClaim claim(EffectiveSpec spec, Members members) {
    Names names = spec.names();
    return new PersistentVolumeClaimBuilder(EtcdModel.claim(spec, members.spec().storage()))
        .withNewMetadata()
        .withName(names.etcdClaim(member(names)))
        .withNamespace(names.namespace())
        .withLabels(Labels.selector(names, Names.ETCD))
        .endMetadata()
        .build();
  }

  /** The pod; it is never started twice. */
  public static Pod pod(EffectiveSpec spec, Members members, EtcdRestoreSpec restore) {
    Names names = spec.names();
    return new PodBuilder()
        .withMetadata(Metadata.of(names, names.etcdRestore(), Names.ETCD_RESTORE))
        .withNewSpec()
        .withRestartPolicy("Never")
        .withAutomountServiceAccountToken(false)
        .withTerminationGracePeriodSeconds(5L)
        .withSecurityContext(Pods.podSecurity())
        .withImagePullSecrets(spec.imagePullSecrets())
        .withContainers(tool(spec, members, restore.snapshot()))
        .withVolumes(
            volume(DATA, names.etcdClaim(member(names))),
            volume(Names.SNAPSHOTS, restore.claimName()))
        .endSpec()
        .build();
  }

  private static Container tool(EffectiveSpec spec, Members members, String snapshot) {
    return new ContainerBuilder()
        .withName(Names.ETCD_RESTORE)
        .withImage(members.image())
        .withImagePullPolicy("IfNotPresent")
        .withCommand(tool(members.image()))
        .withArgs(arguments(spec.names(), SNAPSHOT_DIR + "/" + snapshot, EtcdModel.DATA_DIR))
        .withEnv(Pods.value("ETCDCTL_API", "3"))
        .withResources(spec.sizes().etcd())
        .withSecurityContext(Pods.containerSecurity())
        .withTerminationMessagePolicy("FallbackToLogsOnError")
        .addNewVolumeMount()
        .withName(DATA)
        .withMountPath(EtcdModel.VOLUME_DIR)
        .endVolumeMount()
        .addNewVolumeMount()
        .withName(Names.SNAPSHOTS)
        .withMountPath(SNAPSHOT_DIR)
        .withReadOnly(true)
        .endVolumeMount()
        .build();
  }

  private static Volume volume(String name, String claim) {
    return new VolumeBuilder().withName(name).withNewPersistentVolumeClaim(claim, null).build();
  }

  /** What the tool is told: a cluster of one, under an identity of its own. */
  public static List<String> arguments(Names names, String snapshot, String dataDir) {
    String member = member(names);
    String peer = names.etcdPeerUrl(member);
    return List.of(
        "snapshot",
        "restore",
        snapshot,
        "--name=" + member,
        "--data-dir=" + dataDir,
        "--initial-cluster=" + member + "=" + peer,
        "--initial-advertise-peer-urls=" + peer,
        "--initial-cluster-token=" + names.namespace() + "/" + names.cluster());
  }

  static String tool(String image) {
    Matcher minor = MINOR.matcher(image);
    // A tag that tells no version, or a digest, is more likely of a newer etcd.
    return minor.find() && Integer.parseInt(minor.group(1)) < ETCDUTL_MINOR ? "etcdctl" : "etcdutl";
  }
}
