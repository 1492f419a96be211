package io.aetherflow.local.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aetherflow.local.schema.CustomSchema;
import io.aetherflow.local.schema.Json;
import io.aetherflow.local.schema.ModelShape;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Endpoints;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** Every served resource: the built-in table plus what CRDs add at run time. Thread-safe. */
public final class Kinds {
  private static final JsonNode REPLICAS =
      Json.object()
          .put("specReplicasPath", ".spec.replicas")
          .put("statusReplicasPath", ".status.replicas")
          .put("labelSelectorPath", ".spec.selector");

  private final List<Kind> kinds = new CopyOnWriteArrayList<>();

  public Kinds() {
    plain(Namespace.class, "ns", true);
    plain(Node.class, "no", true);
    inAll(Pod.class, "po", null, false);
    inAll(Service.class, "svc", null, false);
    plain(ConfigMap.class, "cm", false);
    plain(Secret.class, "", false);
    plain(ServiceAccount.class, "sa", false);
    plain(Event.class, "ev", false);
    plain(Endpoints.class, "ep", false);
    plain(PersistentVolumeClaim.class, "pvc", true);
    plain(PersistentVolume.class, "pv", true);
    inAll(Deployment.class, "deploy", REPLICAS, true);
    inAll(ReplicaSet.class, "rs", REPLICAS, true);
    inAll(StatefulSet.class, "sts", REPLICAS, true);
    plain(ControllerRevision.class, "", false);
    inAll(HorizontalPodAutoscaler.class, "hpa", null, true);
    counted(PodDisruptionBudget.class, "pdb", true);
    counted(NetworkPolicy.class, "netpol", false);
    counted(Ingress.class, "ing", true);
    plain(Role.class, "", false);
    plain(RoleBinding.class, "", false);
    plain(ClusterRole.class, "", false);
    plain(ClusterRoleBinding.class, "", false);
    plain(Lease.class, "", false);
    plain(EndpointSlice.class, "", false);
    plain(StorageClass.class, "sc", false);
    counted(CustomResourceDefinition.class, "crd", true);
  }

  private void plain(Class<? extends HasMetadata> type, String shortName, boolean status) {
    add(type, shortName, List.of(), status, null, false);
  }

  private void counted(Class<? extends HasMetadata> type, String shortName, boolean status) {
    add(type, shortName, List.of(), status, null, true);
  }

  private void inAll(
      Class<? extends HasMetadata> type, String shortName, JsonNode scale, boolean counted) {
    add(type, shortName, List.of("all"), true, scale, counted);
  }

  private void add(
      Class<? extends HasMetadata> type,
      String shortName,
      List<String> categories,
      boolean status,
      JsonNode scale,
      boolean counted) {
    kinds.add(
        new Kind(
            HasMetadata.getGroup(type),
            HasMetadata.getVersion(type),
            HasMetadata.getPlural(type),
            HasMetadata.getSingular(type),
            HasMetadata.getKind(type),
            shortName.isEmpty() ? List.of() : List.of(shortName),
            categories,
            Namespaced.class.isAssignableFrom(type),
            ModelShape.of(type),
            type,
            null,
            status,
            scale,
            counted,
            MissingNode.getInstance()));
  }

  public List<Kind> all() {
    return kinds;
  }

  public Optional<Kind> byResource(String group, String version, String plural) {
    return kinds.stream()
        .filter(k -> k.group().equals(group) && k.version().equals(version))
        .filter(k -> k.plural().equals(plural))
        .findFirst();
  }

  public Optional<Kind> byKind(String apiVersion, String kind) {
    return kinds.stream()
        .filter(k -> k.apiVersion().equals(apiVersion) && k.kind().equals(kind))
        .findFirst();
  }

  /** The kind of a model class, also of custom resources. */
  public Optional<Kind> byType(Class<? extends HasMetadata> type) {
    return byResource(
        HasMetadata.getGroup(type), HasMetadata.getVersion(type), HasMetadata.getPlural(type));
  }

  /** Any version of the stored resource name, e.g. {@code deployments.apps}. */
  public Optional<Kind> byName(String resource) {
    return kinds.stream().filter(k -> k.resource().equals(resource)).findFirst();
  }

  /** Serves a CRD's versions, in place of what the same CRD served before. */
  void define(ObjectNode crd) {
    List<Kind> added = new ArrayList<>();
    JsonNode spec = crd.path("spec");
    for (JsonNode version : spec.path("versions")) {
      if (version.path("served").asBoolean()) {
        added.add(custom(spec, version));
      }
    }
    undefine(crd);
    kinds.addAll(added);
  }

  /** Stops serving a CRD's versions. */
  void undefine(ObjectNode crd) {
    String group = Json.text(crd, "spec", "group");
    String plural = Json.text(crd, "spec", "names", "plural");
    kinds.removeIf(k -> k.type() == null && k.group().equals(group) && k.plural().equals(plural));
  }

  private static Kind custom(JsonNode spec, JsonNode version) {
    JsonNode names = spec.path("names");
    CustomSchema schema = new CustomSchema(Json.at(version, "schema", "openAPIV3Schema"));
    JsonNode subresources = version.path("subresources");
    String kind = Json.text(names, "kind");
    String singular = Json.text(names, "singular");
    return new Kind(
        Json.text(spec, "group"),
        Json.text(version, "name"),
        Json.text(names, "plural"),
        singular.isEmpty() ? kind.toLowerCase(java.util.Locale.ROOT) : singular,
        kind,
        texts(names.path("shortNames")),
        texts(names.path("categories")),
        Json.text(spec, "scope").equals("Namespaced"),
        schema.shape(),
        null,
        schema,
        subresources.has("status"),
        subresources.get("scale"),
        true,
        version.path("additionalPrinterColumns"));
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(item -> texts.add(item.asText()));
    return texts;
  }
}
