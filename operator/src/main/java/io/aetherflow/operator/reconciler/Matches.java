package io.aetherflow.operator.reconciler;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;

/**
 * Remembers which state of an object was as desired: to find that out anew for each object was most
 * of a reconciliation, and most events change one object or none. Thread-safe.
 */
final class Matches {
  private final Map<ResourceID, Map<String, Match>> known = new ConcurrentHashMap<>();

  /** A state never changes, so its version stands for it. */
  private record Match(String uid, String version, HasMetadata desired) {
    static Match of(HasMetadata desired, HasMetadata actual) {
      return new Match(
          actual.getMetadata().getUid(), actual.getMetadata().getResourceVersion(), desired);
    }
  }

  /**
   * Whether the object is as desired.
   *
   * @param compare finds out; not called when the same two matched before
   */
  boolean test(
      ResourceID cluster, HasMetadata desired, HasMetadata actual, BooleanSupplier compare) {
    Map<String, Match> ofCluster =
        known.computeIfAbsent(cluster, each -> new ConcurrentHashMap<>());
    String key = actual.getKind() + "/" + actual.getMetadata().getName();
    Match now = Match.of(desired, actual);
    if (now.equals(ofCluster.get(key))) {
      return true;
    }
    if (compare.getAsBoolean()) {
      ofCluster.put(key, now);
      return true;
    }
    ofCluster.remove(key);
    return false;
  }

  void forget(ResourceID cluster) {
    known.remove(cluster);
  }
}
