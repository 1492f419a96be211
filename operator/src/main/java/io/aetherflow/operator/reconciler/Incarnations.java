package io.aetherflow.operator.reconciler;

import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tells a cluster from an earlier one of its name. The end of the earlier one is not always seen: a
 * new one that comes while a reconciliation fails takes its place in the queue. Thread-safe.
 */
final class Incarnations {
  private final Map<ResourceID, String> uids = new ConcurrentHashMap<>();

  /** Whether another cluster had this name when it was last seen. */
  boolean isAnother(ResourceID id, String uid) {
    String before = uids.put(id, uid);
    return before != null && !before.equals(uid);
  }

  /** The cluster is gone. */
  void forget(ResourceID id) {
    uids.remove(id);
  }
}
