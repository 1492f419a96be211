package io.aetherflow.operator.model;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.aetherflow.operator.model.MonitoringPlan.Program;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What the Deployments of the monitoring share: one pod, its data and its configuration. */
final class ProgramModel {
  static final String DATA = "data";
  static final String CONFIG = "config";

  /** These programs read their files at start-up, so a change of a file replaces the pod. */
  private static final String CONFIG_HASH = "aetherflow.io/config-hash";

  private ProgramModel() {}

  /**
   * @param account service account whose token the pod gets, or empty for none
   * @param config contents of the files it reads at start-up
   */
  static Deployment deployment(
      EffectiveSpec spec,
      Program program,
      Optional<String> account,
      Container container,
      List<Volume> volumes,
      Map<String, String> config) {
    Names names = spec.names();
    return new DeploymentBuilder()
        .withMetadata(Metadata.of(names, names.workload(program.component()), program.component()))
        .withNewSpec()
        .withReplicas(1)
        .withNewStrategy()
        // The old pod holds a lock on the data, and a volume goes to one node.
        .withType("Recreate")
        .endStrategy()
        .withNewSelector()
        .withMatchLabels(Labels.selector(names, program.component()))
        .endSelector()
        .withNewTemplate()
        .withNewMetadata()
        .withLabels(Labels.object(names, program.component()))
        .addToAnnotations(CONFIG_HASH, hash(config))
        .endMetadata()
        .withNewSpec()
        .withServiceAccountName(account.orElse(null))
        .withAutomountServiceAccountToken(account.isPresent())
        .withTerminationGracePeriodSeconds(30L)
        .withSecurityContext(Pods.podSecurity())
        .withImagePullSecrets(spec.imagePullSecrets())
        .withContainers(container)
        .withVolumes(volumes)
        .endSpec()
        .endTemplate()
        .endSpec()
        .build();
  }

  static Volume data(Names names, Program program) {
    VolumeBuilder volume = new VolumeBuilder().withName(DATA);
    return program.storage().isPresent()
        ? volume.withNewPersistentVolumeClaim(claimName(names, program.component()), null).build()
        : volume.withNewEmptyDir().endEmptyDir().build();
  }

  static Volume configMap(String volume, String name) {
    return new VolumeBuilder()
        .withName(volume)
        .withNewConfigMap()
        .withName(name)
        .withDefaultMode(0444)
        .endConfigMap()
        .build();
  }

  static Optional<PersistentVolumeClaim> claim(Names names, Program program) {
    return program
        .storage()
        .map(storage ->
            new PersistentVolumeClaimBuilder()
                .withMetadata(
                    Metadata.of(names, claimName(names, program.component()), program.component()))
                .withNewSpec()
                .withAccessModes("ReadWriteOnce")
                .withStorageClassName(storage.storageClassName())
                .withVolumeMode("Filesystem")
                .withNewResources()
                .addToRequests("storage", storage.size())
                .endResources()
                .endSpec()
                .build());
  }

  private static String claimName(Names names, String component) {
    return names.workload(component) + "-data";
  }

  private static String hash(Map<String, String> files) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      new TreeMap<>(files)
          .forEach((name, text) -> {
            digest.update((name + "\n" + text.length() + "\n").getBytes(UTF_8));
            digest.update(text.getBytes(UTF_8));
          });
      return HexFormat.of().formatHex(digest.digest()).substring(0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
