package io.aetherflow.local.schema;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * List and map types of built-in kinds: the {@code x-kubernetes-list-type} and {@code
 * x-kubernetes-map-type} marks of the API server's own schema, which the fabric8 classes lack.
 */
final class MergeKeys {

  /** How one field merges. */
  record Rule(List<String> keys, boolean set, boolean atomic) {
    static final Rule NONE = new Rule(List.of(), false, false);
    static final Rule SET = new Rule(List.of(), true, false);
    static final Rule ATOMIC = new Rule(List.of(), false, true);
  }

  private static final Set<String> ATOMIC_TYPES =
      Set.of(
          "LabelSelector",
          "ObjectFieldSelector",
          "SecretKeySelector",
          "ConfigMapKeySelector",
          "ResourceFieldSelector",
          "LocalObjectReference",
          "TypedLocalObjectReference",
          "ObjectReference",
          "SecretReference",
          "NodeSelector",
          "NodeSelectorTerm",
          "ScopeSelector",
          "RoleRef",
          "OwnerReference",
          "IngressBackend");

  private static final Map<String, Rule> RULES = new HashMap<>();

  static {
    for (String list : List.of("containers", "initContainers", "ephemeralContainers", "volumes")) {
      keyed("PodSpec." + list, "name");
    }
    keyed("PodSpec.imagePullSecrets", "name");
    keyed("PodSpec.hostAliases", "ip");
    keyed("PodSpec.topologySpreadConstraints", "topologyKey", "whenUnsatisfiable");
    keyed("PodSpec.schedulingGates", "name");
    keyed("PodSpec.resourceClaims", "name");
    for (String owner : List.of("Container", "EphemeralContainer")) {
      keyed(owner + ".ports", "containerPort", "protocol");
      keyed(owner + ".env", "name");
      keyed(owner + ".volumeMounts", "mountPath");
      keyed(owner + ".volumeDevices", "devicePath");
    }
    keyed("ResourceRequirements.claims", "name");
    keyed("ServiceSpec.ports", "port", "protocol");
    keyed("ServiceAccount.secrets", "name");
    keyed("ObjectMeta.ownerReferences", "uid");
    keyed("PodStatus.podIPs", "ip");
    keyed("NodeStatus.addresses", "type");
    for (String owner :
        List.of("Pod", "Deployment", "ReplicaSet", "StatefulSet", "Node", "Service", "Namespace")) {
      keyed(owner + "Status.conditions", "type");
    }
    for (String owner :
        List.of(
            "PodDisruptionBudget",
            "HorizontalPodAutoscaler",
            "PersistentVolumeClaim",
            "CustomResourceDefinition")) {
      keyed(owner + "Status.conditions", "type");
    }
    RULES.put("ObjectMeta.finalizers", Rule.SET);
    RULES.put("NodeSpec.podCIDRs", Rule.SET);
    RULES.put("PodSpec.nodeSelector", Rule.ATOMIC);
    RULES.put("ServiceSpec.selector", Rule.ATOMIC);
  }

  private MergeKeys() {}

  private static void keyed(String field, String... keys) {
    RULES.put(field, new Rule(List.of(keys), false, false));
  }

  static Rule of(String ownerAndField) {
    return RULES.getOrDefault(ownerAndField, Rule.NONE);
  }

  static boolean atomicType(String simpleName) {
    return ATOMIC_TYPES.contains(simpleName);
  }
}
