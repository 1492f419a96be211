package io.aetherflow.local.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aetherflow.local.schema.Json;
import io.aetherflow.local.store.Kind;
import io.aetherflow.local.store.Kinds;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** {@code /api}, {@code /apis}, the resource lists and {@code /version}. */
final class Discovery {
  private static final List<String> VERBS =
      List.of("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch");

  private final Kinds kinds;

  Discovery(Kinds kinds) {
    this.kinds = kinds;
  }

  /** The document at the path, if it is one of discovery's. */
  Optional<ObjectNode> at(String path) {
    String[] parts = path.substring(1).split("/");
    return switch (parts[0]) {
      case "version" -> Optional.of(version());
      case "api" ->
          parts.length == 1
              ? Optional.of(core())
              : parts.length == 2 ? resources("", parts[1]) : Optional.empty();
      case "apis" ->
          switch (parts.length) {
            case 1 -> Optional.of(groups());
            case 2 -> Optional.ofNullable(byGroup().get(parts[1])).map(v -> group(parts[1], v));
            case 3 -> resources(parts[1], parts[2]);
            default -> Optional.empty();
          };
      default -> Optional.empty();
    };
  }

  private static ObjectNode version() {
    return Json.object()
        .put("major", "1")
        .put("minor", "31")
        .put("gitVersion", "v1.31.0+aetherflow-local")
        .put("gitCommit", "")
        .put("gitTreeState", "clean")
        .put("buildDate", "2026-01-01T00:00:00Z")
        .put("goVersion", "none")
        .put("compiler", "javac")
        .put("platform", "linux/amd64");
  }

  private static ObjectNode core() {
    ObjectNode versions = Json.object().put("kind", "APIVersions");
    versions.putArray("versions").add("v1");
    versions.putArray("serverAddressByClientCIDRs");
    return versions;
  }

  private Map<String, Set<String>> byGroup() {
    Map<String, Set<String>> groups = new LinkedHashMap<>();
    for (Kind kind : kinds.all()) {
      if (!kind.group().isEmpty()) {
        groups.computeIfAbsent(kind.group(), g -> new LinkedHashSet<>()).add(kind.version());
      }
    }
    groups.put("authorization.k8s.io", Set.of("v1"));
    return groups;
  }

  private ObjectNode groups() {
    ObjectNode list = Json.object().put("kind", "APIGroupList").put("apiVersion", "v1");
    ArrayNode groups = list.putArray("groups");
    byGroup().forEach((name, versions) -> groups.add(group(name, versions)));
    return list;
  }

  private static ObjectNode group(String name, Set<String> versions) {
    ObjectNode group =
        Json.object().put("kind", "APIGroup").put("apiVersion", "v1").put("name", name);
    ArrayNode list = group.putArray("versions");
    for (String version : versions) {
      list.addObject().put("groupVersion", name + "/" + version).put("version", version);
    }
    group.set("preferredVersion", list.get(0));
    return group;
  }

  private Optional<ObjectNode> resources(String group, String version) {
    ObjectNode list = Json.object().put("kind", "APIResourceList").put("apiVersion", "v1");
    list.put("groupVersion", group.isEmpty() ? version : group + "/" + version);
    ArrayNode resources = list.putArray("resources");
    for (Kind kind : kinds.all()) {
      if (kind.group().equals(group) && kind.version().equals(version)) {
        describe(resources, kind);
      }
    }
    if (group.equals("authorization.k8s.io")) {
      for (String review : List.of("SelfSubjectAccessReview", "SelfSubjectRulesReview")) {
        ObjectNode node = resources.addObject();
        node.put("name", review.toLowerCase(java.util.Locale.ROOT) + "s").put("singularName", "");
        node.put("namespaced", false).put("kind", review).putArray("verbs").add("create");
      }
    }
    return resources.isEmpty() ? Optional.empty() : Optional.of(list);
  }

  private static void describe(ArrayNode resources, Kind kind) {
    ObjectNode main = resources.addObject();
    main.put("name", kind.plural()).put("singularName", kind.singular());
    main.put("namespaced", kind.namespaced()).put("kind", kind.kind());
    VERBS.forEach(main.putArray("verbs")::add);
    if (!kind.shortNames().isEmpty()) {
      kind.shortNames().forEach(main.putArray("shortNames")::add);
    }
    if (!kind.categories().isEmpty()) {
      kind.categories().forEach(main.putArray("categories")::add);
    }
    if (kind.hasStatus()) {
      subresource(resources, kind, "status", kind.kind());
    }
    if (kind.scale() != null) {
      subresource(resources, kind, "scale", "Scale")
          .put("group", "autoscaling")
          .put("version", "v1");
    }
    if (kind.resource().equals("pods")) {
      subresource(resources, kind, "log", "Pod");
      ObjectNode eviction = subresource(resources, kind, "eviction", "Eviction");
      eviction.put("group", "policy").put("version", "v1").putArray("verbs").add("create");
    }
  }

  private static ObjectNode subresource(ArrayNode resources, Kind kind, String name, String type) {
    ObjectNode node = resources.addObject();
    node.put("name", kind.plural() + "/" + name).put("singularName", "");
    node.put("namespaced", kind.namespaced()).put("kind", type);
    List.of("get", "patch", "update").forEach(node.putArray("verbs")::add);
    return node;
  }
}
