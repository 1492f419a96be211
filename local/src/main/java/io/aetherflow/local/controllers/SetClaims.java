package io.aetherflow.local.controllers;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The volume claims of a StatefulSet's pods, which outlive the pods. */
final class SetClaims {
  private final Context context;

  SetClaims(Context context) {
    this.context = context;
  }

  private static String name(PersistentVolumeClaim template, String podName) {
    return template.getMetadata().getName() + "-" + podName;
  }

  /** The template's volumes with those of the claims in place of volumes of the same name. */
  static List<Volume> volumes(StatefulSet set, Pod pod) {
    List<Volume> volumes = new ArrayList<>();
    for (PersistentVolumeClaim template : set.getSpec().getVolumeClaimTemplates()) {
      volumes.add(
          new VolumeBuilder()
              .withName(template.getMetadata().getName())
              .withNewPersistentVolumeClaim()
              .withClaimName(name(template, pod.getMetadata().getName()))
              .endPersistentVolumeClaim()
              .build());
    }
    pod.getSpec().getVolumes().stream()
        .filter(v -> volumes.stream().noneMatch(own -> own.getName().equals(v.getName())))
        .toList()
        .forEach(volumes::add);
    return volumes;
  }

  /** Makes missing claims; false when one is just being deleted and must be waited for. */
  boolean ensure(StatefulSet set, String podName) {
    boolean all = true;
    for (PersistentVolumeClaim template : set.getSpec().getVolumeClaimTemplates()) {
      Optional<PersistentVolumeClaim> present = find(set, template, podName);
      if (present.isEmpty()) {
        context.api().create(claim(set, template, podName));
      } else {
        all &= present.get().getMetadata().getDeletionTimestamp() == null;
      }
    }
    return all;
  }

  private Optional<PersistentVolumeClaim> find(
      StatefulSet set, PersistentVolumeClaim template, String podName) {
    return context
        .api()
        .find(
            PersistentVolumeClaim.class, set.getMetadata().getNamespace(), name(template, podName));
  }

  private static PersistentVolumeClaim claim(
      StatefulSet set, PersistentVolumeClaim template, String podName) {
    PersistentVolumeClaim claim = Api.copy(template);
    claim.setStatus(null);
    claim.getMetadata().setName(name(template, podName));
    claim.getMetadata().setNamespace(set.getMetadata().getNamespace());
    Map<String, String> labels = Templates.mutable(claim.getMetadata().getLabels());
    labels.putAll(Templates.mutable(set.getSpec().getSelector().getMatchLabels()));
    claim.getMetadata().setLabels(labels);
    claim.getMetadata().setOwnerReferences(owners(set, List.of(), null));
    return claim;
  }

  /**
   * Makes the claims go with the set, with the pod or with neither, as the retention policy says.
   *
   * @param condemned the pod, when it is about to be scaled away; else null
   */
  void retain(StatefulSet set, String podName, Pod condemned) {
    for (PersistentVolumeClaim template : set.getSpec().getVolumeClaimTemplates()) {
      PersistentVolumeClaim claim = find(set, template, podName).orElse(null);
      if (claim == null || claim.getMetadata().getDeletionTimestamp() != null) {
        continue;
      }
      List<OwnerReference> wanted =
          owners(set, claim.getMetadata().getOwnerReferences(), condemned);
      if (!wanted.equals(claim.getMetadata().getOwnerReferences())) {
        PersistentVolumeClaim next = Api.copy(claim);
        next.getMetadata().setOwnerReferences(wanted);
        context.api().replace(next);
      }
    }
  }

  private static List<OwnerReference> owners(
      StatefulSet set, List<OwnerReference> present, Pod condemned) {
    var policy = set.getSpec().getPersistentVolumeClaimRetentionPolicy();
    boolean withSet = policy != null && "Delete".equals(policy.getWhenDeleted());
    boolean withPod =
        condemned != null && policy != null && "Delete".equals(policy.getWhenScaled());
    List<OwnerReference> owners = new ArrayList<>();
    present.stream().filter(reference -> !isOurs(set, reference)).forEach(owners::add);
    if (withPod) {
      owners.add(OwnerRefs.to(condemned));
    } else if (withSet) {
      owners.add(OwnerRefs.to(set));
    }
    return owners;
  }

  private static boolean isOurs(HasMetadata set, OwnerReference reference) {
    return reference.getUid().equals(set.getMetadata().getUid())
        || reference.getKind().equals("Pod")
            && reference.getName().startsWith(set.getMetadata().getName() + "-");
  }
}
