package io.aetherflow.local.controllers;

import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeStatusBuilder;

/** Reclaims the volumes of claims that are gone. */
final class Volumes implements Reconciler {
  private final Context context;
  private final Directories directories;

  Volumes(Context context, Directories directories) {
    this.context = context;
    this.directories = directories;
    context.api().watch(PersistentVolume.class, v -> enqueue(v.getMetadata().getName()));
    context
        .api()
        .watch(
            PersistentVolumeClaim.class,
            claim -> {
              if (claim.getSpec().getVolumeName() != null) {
                enqueue(claim.getSpec().getVolumeName());
              }
            });
  }

  private void enqueue(String name) {
    context.queue().add(new WorkQueue.Key(this, "", name));
  }

  @Override
  public void reconcile(String none, String name) {
    PersistentVolume volume = context.api().find(PersistentVolume.class, "", name).orElse(null);
    if (volume == null || volume.getSpec().getClaimRef() == null || isClaimed(volume)) {
      return;
    }
    if ("Delete".equals(volume.getSpec().getPersistentVolumeReclaimPolicy())) {
      if (volume.getSpec().getHostPath() != null) {
        directories.remove(volume.getSpec().getHostPath().getPath());
      }
      context.api().delete(volume);
    } else if (volume.getStatus() == null || !"Released".equals(volume.getStatus().getPhase())) {
      context
          .api()
          .replaceStatus(
              new PersistentVolumeBuilder(volume)
                  .withStatus(new PersistentVolumeStatusBuilder().withPhase("Released").build())
                  .build());
    }
  }

  private boolean isClaimed(PersistentVolume volume) {
    ObjectReference reference = volume.getSpec().getClaimRef();
    return context
        .api()
        .find(PersistentVolumeClaim.class, reference.getNamespace(), reference.getName())
        .filter(
            c -> reference.getUid() == null || c.getMetadata().getUid().equals(reference.getUid()))
        .isPresent();
  }
}
