package io.aetherflow.operator.model;

import java.util.Map;
import java.util.TreeMap;

/** Labels of a cluster's objects and the selectors built on them. */
public final class Labels {
  public static final String NAME = "app.kubernetes.io/name";
  public static final String INSTANCE = "app.kubernetes.io/instance";
  public static final String COMPONENT = "app.kubernetes.io/component";
  public static final String MANAGED_BY = "app.kubernetes.io/managed-by";
  public static final String CLUSTER = "aetherflow.io/cluster";
  public static final String MANAGER = "aetherflow-operator";

  private Labels() {}

  /** Labels that select the pods of a component, and the volume claims of etcd. */
  public static Map<String, String> selector(Names names, String component) {
    return new TreeMap<>(Map.of(INSTANCE, names.cluster(), COMPONENT, component));
  }

  static Map<String, String> object(Names names, String component) {
    Map<String, String> labels = selector(names, component);
    labels.put(NAME, "aetherflow");
    labels.put(MANAGED_BY, MANAGER);
    labels.put(CLUSTER, names.cluster());
    return labels;
  }

  /** Pods of the data plane also say that they speak Quantum, and in which role. */
  static Map<String, String> dataPlanePod(Names names, String component) {
    Map<String, String> labels = object(names, component);
    labels.put("protocol", "quantum");
    labels.put("role", component.equals(Names.GATEWAY) ? "api-gateway" : "microservice");
    return labels;
  }
}
