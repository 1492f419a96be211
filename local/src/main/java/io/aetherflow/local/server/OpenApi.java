package io.aetherflow.local.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aetherflow.local.schema.Json;
import io.aetherflow.local.store.Kind;
import io.aetherflow.local.store.Kinds;
import java.util.List;
import java.util.Optional;

/**
 * {@code /openapi/v3}: enough for kubectl to trust our field validation, and the whole schema of
 * custom resources for {@code kubectl explain}.
 */
final class OpenApi {
  private final Kinds kinds;

  OpenApi(Kinds kinds) {
    this.kinds = kinds;
  }

  /** The index or the document of one group version. */
  Optional<ObjectNode> at(String path) {
    if (path.equals("/openapi/v3") || path.equals("/openapi/v3/")) {
      return Optional.of(index());
    }
    String prefix = path.replaceFirst("^/openapi/v3/", "/");
    List<Kind> served = kinds.all().stream().filter(k -> root(k).equals(prefix)).toList();
    return served.isEmpty() ? Optional.empty() : Optional.of(document(served));
  }

  private static String root(Kind kind) {
    return (kind.group().isEmpty() ? "/api/" : "/apis/") + kind.apiVersion();
  }

  private ObjectNode index() {
    ObjectNode index = Json.object();
    ObjectNode paths = index.putObject("paths");
    for (Kind kind : kinds.all()) {
      String root = root(kind);
      paths.putObject(root.substring(1)).put("serverRelativeURL", "/openapi/v3" + root);
    }
    return index;
  }

  private static ObjectNode document(List<Kind> served) {
    ObjectNode document = Json.object().put("openapi", "3.0.0");
    document.putObject("info").put("title", "AetherFlow local API").put("version", "v1.31.0");
    ObjectNode paths = document.putObject("paths");
    ObjectNode schemas = document.putObject("components").putObject("schemas");
    for (Kind kind : served) {
      String scope = kind.namespaced() ? "/namespaces/{namespace}/" : "/";
      String collection = root(kind) + scope + kind.plural();
      ObjectNode one = paths.putObject(collection + "/{name}");
      operation(one, "patch", kind);
      operation(one, "put", kind);
      operation(one, "get", kind);
      operation(paths.putObject(collection), "post", kind);
      schemas.set(schemaName(kind), schema(kind));
    }
    return document;
  }

  private static String schemaName(Kind kind) {
    return (kind.group().isEmpty() ? "core" : kind.group())
        + "."
        + kind.version()
        + "."
        + kind.kind();
  }

  private static void operation(ObjectNode path, String method, Kind kind) {
    ObjectNode operation = path.putObject(method);
    operation.put("operationId", method + kind.kind());
    identify(operation.putObject("x-kubernetes-group-version-kind"), kind);
    if (!method.equals("get")) {
      for (String name : List.of("dryRun", "fieldManager", "fieldValidation", "force")) {
        ObjectNode parameter = operation.withArray("parameters").addObject();
        parameter.put("name", name).put("in", "query").putObject("schema").put("type", "string");
      }
    }
    operation
        .putObject("responses")
        .putObject("200")
        .put("description", "OK")
        .putObject("content")
        .putObject("application/json")
        .putObject("schema")
        .put("$ref", "#/components/schemas/" + schemaName(kind));
  }

  private static ObjectNode schema(Kind kind) {
    ObjectNode schema;
    if (kind.custom() != null) {
      schema = (ObjectNode) kind.custom().schema().deepCopy();
    } else {
      schema = Json.object().put("type", "object");
      ObjectNode properties = schema.putObject("properties");
      for (String field : List.of("spec", "status")) {
        properties
            .putObject(field)
            .put("type", "object")
            .put("description", "See the Kubernetes documentation; the local API has no text.");
      }
    }
    ObjectNode properties = Json.child(schema, "properties");
    for (String field : List.of("apiVersion", "kind")) {
      properties.putObject(field).put("type", "string");
    }
    properties.putObject("metadata").put("type", "object");
    identify(schema.putArray("x-kubernetes-group-version-kind").addObject(), kind);
    return schema;
  }

  private static void identify(ObjectNode node, Kind kind) {
    node.put("group", kind.group()).put("version", kind.version()).put("kind", kind.kind());
  }
}
