package io.aetherflow.operator.reconciler;

import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.util.Objects;
import java.util.Optional;

/**
 * What it takes that a volume is as the resource asks, now that there is one: Kubernetes lets it
 * grow, and nothing else. Pure.
 */
sealed interface VolumePlan {

  /** The volume is as wanted. */
  record AsIs() implements VolumePlan {}

  /** The claims are to ask for more. */
  record Grow(Quantity size) implements VolumePlan {}

  /**
   * It cannot be.
   *
   * @param why one sentence
   */
  record Refuse(String why) implements VolumePlan {}

  /**
   * @param field of the resource that holds size and class, such as {@code spec.etcd.storage}
   * @param live a claim, or what a StatefulSet makes claims of
   * @param classFilledIn whether Kubernetes has put its own default class into {@code live}
   */
  static VolumePlan of(
      String field,
      PersistentVolumeClaim wanted,
      PersistentVolumeClaim live,
      boolean classFilledIn) {
    String wantedClass = wanted.getSpec().getStorageClassName();
    String liveClass = live.getSpec().getStorageClassName();
    boolean sameClass =
        Objects.equals(wantedClass, liveClass) || wantedClass == null && classFilledIn;
    if (!sameClass) {
      return new Refuse(
          field
              + ".storageClassName asks for "
              + named(wantedClass)
              + ", but the volumes are of "
              + named(liveClass)
              + ", which cannot change; put it back, or move the data to a new cluster");
    }
    Quantity wantedSize = size(wanted);
    Quantity liveSize = size(live);
    int compared = bytes(wantedSize).compareTo(bytes(liveSize));
    if (compared < 0) {
      return new Refuse(
          field
              + ".size asks for "
              + wantedSize
              + ", but the volumes have "
              + liveSize
              + " and volumes do not shrink; set it to "
              + liveSize
              + ", or move the data to a new cluster");
    }
    return compared == 0 ? new AsIs() : new Grow(wantedSize);
  }

  /** What a claim asks for. */
  static Quantity size(PersistentVolumeClaim claim) {
    return claim.getSpec().getResources().getRequests().get("storage");
  }

  static BigDecimal bytes(Quantity quantity) {
    return Quantity.getAmountInBytes(quantity);
  }

  private static String named(String storageClass) {
    return Optional.ofNullable(storageClass)
        .map(name -> "class " + name)
        .orElse("the default class");
  }
}
