package io.aetherflow.local.controllers;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimStatus;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimStatusBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeStatus;
import io.fabric8.kubernetes.api.model.PersistentVolumeStatusBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.fabric8.kubernetes.api.model.storage.StorageClassBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Gives every claim a volume of its own, a directory; a claim in use is kept until it is not. */
final class Claims implements Reconciler {
  static final String STANDARD = "standard";
  static final String PROVISIONER = "local.aetherflow.io/directory";

  private static final String PROTECTION = "kubernetes.io/pvc-protection";
  private static final String BOUND = "pv.kubernetes.io/bind-completed";
  private static final String PROVISIONED = "pv.kubernetes.io/provisioned-by";

  private final Context context;
  private final Directories directories;

  Claims(Context context, Directories directories) {
    this.context = context;
    this.directories = directories;
    context
        .api()
        .watch(
            PersistentVolumeClaim.class,
            c -> enqueue(c.getMetadata().getNamespace(), c.getMetadata().getName()));
    context.api().watch(Pod.class, this::podChanged);
    context.api().watch(StorageClass.class, c -> classesChanged());
  }

  private void enqueue(String namespace, String name) {
    context.queue().add(new WorkQueue.Key(this, namespace, name));
  }

  private void podChanged(Pod pod) {
    if (PodStates.isActive(pod)) {
      return;
    }
    pod.getSpec().getVolumes().stream()
        .filter(volume -> volume.getPersistentVolumeClaim() != null)
        .map(volume -> volume.getPersistentVolumeClaim().getClaimName())
        .forEach(name -> enqueue(pod.getMetadata().getNamespace(), name));
  }

  private void classesChanged() {
    context.api().all(PersistentVolumeClaim.class).stream()
        .filter(c -> c.getSpec().getVolumeName() == null)
        .forEach(c -> enqueue(c.getMetadata().getNamespace(), c.getMetadata().getName()));
  }

  /** Makes the default class, unless the user has one of that name. */
  void makeClass() {
    if (context.api().find(StorageClass.class, "", STANDARD).isEmpty()) {
      context
          .api()
          .create(
              new StorageClassBuilder()
                  .withNewMetadata()
                  .withName(STANDARD)
                  .addToAnnotations("storageclass.kubernetes.io/is-default-class", "true")
                  .endMetadata()
                  .withProvisioner(PROVISIONER)
                  .withReclaimPolicy("Delete")
                  .withVolumeBindingMode("Immediate")
                  .withAllowVolumeExpansion(true)
                  .build());
    }
  }

  @Override
  public void reconcile(String namespace, String name) {
    PersistentVolumeClaim claim =
        context.api().find(PersistentVolumeClaim.class, namespace, name).orElse(null);
    if (claim == null) {
      return;
    }
    if (claim.getMetadata().getDeletionTimestamp() != null) {
      release(claim);
      return;
    }
    Optional<PersistentVolume> volume = volume(claim);
    if (volume.isPresent()) {
      PersistentVolumeClaim bound = bind(claim, volume.get());
      report(bound, grown(bound, volume.get()));
    }
  }

  private void release(PersistentVolumeClaim claim) {
    boolean held = claim.getMetadata().getFinalizers().contains(PROTECTION);
    boolean used =
        context.api().list(Pod.class, claim.getMetadata().getNamespace()).stream()
            .anyMatch(pod -> uses(pod, claim.getMetadata().getName()));
    if (held && !used) {
      PersistentVolumeClaim next = Api.copy(claim);
      next.getMetadata().getFinalizers().remove(PROTECTION);
      context.api().replace(next);
    }
  }

  private static boolean uses(Pod pod, String claim) {
    return !PodStates.isFinished(pod)
        && pod.getSpec().getNodeName() != null
        && pod.getSpec().getVolumes().stream()
            .filter(volume -> volume.getPersistentVolumeClaim() != null)
            .anyMatch(v -> v.getPersistentVolumeClaim().getClaimName().equals(claim));
  }

  /** The claim's volume, made when there is none; empty while nothing can provide it. */
  private Optional<PersistentVolume> volume(PersistentVolumeClaim claim) {
    String given = claim.getSpec().getVolumeName();
    if (given != null && !given.isEmpty()) {
      return context.api().find(PersistentVolume.class, "", given);
    }
    String wanted = claim.getSpec().getStorageClassName();
    String storageClass = wanted == null ? STANDARD : wanted;
    Optional<StorageClass> known = context.api().find(StorageClass.class, "", storageClass);
    if (known.isEmpty() && !storageClass.isEmpty()) {
      context
          .events()
          .warning(
              claim,
              "ProvisioningFailed",
              "storageclass.storage.k8s.io \"" + storageClass + "\" not found");
    }
    return known.map(found -> provision(claim, found));
  }

  private PersistentVolume provision(PersistentVolumeClaim claim, StorageClass storageClass) {
    String name = "pvc-" + claim.getMetadata().getUid();
    Optional<PersistentVolume> present = context.api().find(PersistentVolume.class, "", name);
    if (present.isPresent()) {
      return present.get();
    }
    String directory =
        claim.getMetadata().getNamespace()
            + "_"
            + claim.getMetadata().getName()
            + "_"
            + claim.getMetadata().getUid().substring(0, 8);
    String policy = storageClass.getReclaimPolicy();
    PersistentVolume volume =
        new PersistentVolumeBuilder()
            .withNewMetadata()
            .withName(name)
            .addToAnnotations(PROVISIONED, PROVISIONER)
            .endMetadata()
            .withNewSpec()
            .withAccessModes(claim.getSpec().getAccessModes())
            .withCapacity(capacity(claim))
            .withNewClaimRef()
            .withApiVersion("v1")
            .withKind("PersistentVolumeClaim")
            .withNamespace(claim.getMetadata().getNamespace())
            .withName(claim.getMetadata().getName())
            .withUid(claim.getMetadata().getUid())
            .endClaimRef()
            .withNewHostPath(directories.make(directory).toString(), "DirectoryOrCreate")
            .withPersistentVolumeReclaimPolicy(policy == null ? "Delete" : policy)
            .withStorageClassName(storageClass.getMetadata().getName())
            .withVolumeMode(claim.getSpec().getVolumeMode())
            .endSpec()
            .build();
    return context.api().create(volume);
  }

  private static Map<String, Quantity> capacity(PersistentVolumeClaim claim) {
    var resources = claim.getSpec().getResources();
    Quantity request =
        resources == null || resources.getRequests() == null
            ? null
            : resources.getRequests().get("storage");
    return request == null ? Map.of() : Map.of("storage", request);
  }

  /** A directory is as large as it is wanted to be. */
  private PersistentVolume grown(PersistentVolumeClaim claim, PersistentVolume volume) {
    Map<String, Quantity> wanted = capacity(claim);
    if (wanted.equals(volume.getSpec().getCapacity())) {
      return volume;
    }
    PersistentVolume next = Api.copy(volume);
    next.getSpec().setCapacity(wanted);
    return context.api().replace(next);
  }

  private PersistentVolumeClaim bind(PersistentVolumeClaim claim, PersistentVolume volume) {
    Map<String, String> annotations = Templates.mutable(claim.getMetadata().getAnnotations());
    annotations.put(BOUND, "yes");
    annotations.put("pv.kubernetes.io/bound-by-controller", "yes");
    List<String> finalizers = new ArrayList<>(claim.getMetadata().getFinalizers());
    if (!finalizers.contains(PROTECTION)) {
      finalizers.add(PROTECTION);
    }
    PersistentVolumeClaim next = Api.copy(claim);
    next.getMetadata().setAnnotations(annotations);
    next.getMetadata().setFinalizers(finalizers);
    next.getSpec().setVolumeName(volume.getMetadata().getName());
    if (next.getSpec().getStorageClassName() == null) {
      next.getSpec().setStorageClassName(volume.getSpec().getStorageClassName());
    }
    return next.equals(claim) ? claim : context.api().replace(next);
  }

  private void report(PersistentVolumeClaim claim, PersistentVolume volume) {
    PersistentVolumeStatus held = new PersistentVolumeStatusBuilder().withPhase("Bound").build();
    if (!held.equals(volume.getStatus())) {
      context.api().replaceStatus(new PersistentVolumeBuilder(volume).withStatus(held).build());
    }
    PersistentVolumeClaimStatus status =
        new PersistentVolumeClaimStatusBuilder()
            .withPhase("Bound")
            .withAccessModes(volume.getSpec().getAccessModes())
            .withCapacity(capacity(claim))
            .build();
    if (!status.equals(claim.getStatus())) {
      PersistentVolumeClaim next = Api.copy(claim);
      next.setStatus(status);
      context.api().replaceStatus(next);
    }
  }
}
