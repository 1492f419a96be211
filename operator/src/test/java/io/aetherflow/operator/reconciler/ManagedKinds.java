package io.aetherflow.operator.reconciler;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Map;
import java.util.TreeMap;

/** What the operator makes, for tests outside of its package. */
public final class ManagedKinds {
  private ManagedKinds() {}

  /** {@code group/resource} of each kind, with whether an edit can delete its objects. */
  public static Map<String, Boolean> prunable() {
    Map<String, Boolean> kinds = new TreeMap<>();
    for (Class<? extends HasMetadata> type : Secondaries.OWNED) {
      kinds.put(
          HasMetadata.getGroup(type) + "/" + HasMetadata.getPlural(type),
          Secondaries.isPrunable(type));
    }
    for (String kind : Secondaries.OPTIONAL) {
      kinds.put(
          "monitoring.coreos.com/"
              + io.fabric8.kubernetes.api.Pluralize.toPlural(
                  kind.toLowerCase(java.util.Locale.ROOT)),
          true);
    }
    return kinds;
  }
}
