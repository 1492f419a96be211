package io.aetherflow.local.controllers;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Controller owner references: reading, making, adopting and releasing. */
final class OwnerRefs {
  private OwnerRefs() {}

  static Optional<OwnerReference> controller(HasMetadata object) {
    return object.getMetadata().getOwnerReferences().stream()
        .filter(reference -> Boolean.TRUE.equals(reference.getController()))
        .findFirst();
  }

  /** The name of the controlling object of that kind. */
  static Optional<String> controllerName(HasMetadata object, String kind) {
    return controller(object)
        .filter(reference -> reference.getKind().equals(kind))
        .map(OwnerReference::getName);
  }

  static boolean controls(HasMetadata owner, HasMetadata object) {
    return controller(object)
        .map(OwnerReference::getUid)
        .filter(owner.getMetadata().getUid()::equals)
        .isPresent();
  }

  static OwnerReference to(HasMetadata owner) {
    return new OwnerReferenceBuilder()
        .withApiVersion(owner.getApiVersion())
        .withKind(owner.getKind())
        .withName(owner.getMetadata().getName())
        .withUid(owner.getMetadata().getUid())
        .build();
  }

  static OwnerReference controllerTo(HasMetadata owner) {
    return new OwnerReferenceBuilder(to(owner))
        .withController(true)
        .withBlockOwnerDeletion(true)
        .build();
  }

  /**
   * The candidates that the owner controls after it adopted those without a controller that its
   * selector matches, and let go those it matches no more.
   *
   * @param mayAdopt further condition on adoption
   */
  static <T extends HasMetadata> List<T> claim(
      Api api,
      HasMetadata owner,
      LabelSelector selector,
      List<T> candidates,
      Predicate<T> mayAdopt) {
    List<T> claimed = new ArrayList<>();
    boolean ownerEnds = owner.getMetadata().getDeletionTimestamp() != null;
    for (T object : candidates) {
      boolean matches = LabelSelectors.matches(selector, object.getMetadata().getLabels());
      boolean ends = object.getMetadata().getDeletionTimestamp() != null;
      if (controls(owner, object)) {
        if (matches || ownerEnds || ends) {
          claimed.add(object);
        } else {
          release(api, owner, object);
        }
      } else if (controller(object).isEmpty()
          && matches
          && !ownerEnds
          && !ends
          && mayAdopt.test(object)
          && api.isLive(owner)) {
        claimed.add(adopt(api, owner, object));
      }
    }
    return claimed;
  }

  private static <T extends HasMetadata> T adopt(Api api, HasMetadata owner, T object) {
    T adopted = Api.copy(object);
    List<OwnerReference> references = new ArrayList<>(adopted.getMetadata().getOwnerReferences());
    references.add(controllerTo(owner));
    adopted.getMetadata().setOwnerReferences(references);
    return api.replace(adopted);
  }

  private static <T extends HasMetadata> void release(Api api, HasMetadata owner, T object) {
    T released = Api.copy(object);
    List<OwnerReference> references = new ArrayList<>(released.getMetadata().getOwnerReferences());
    references.removeIf(r -> r.getUid().equals(owner.getMetadata().getUid()));
    released.getMetadata().setOwnerReferences(references);
    api.replace(released);
  }
}
