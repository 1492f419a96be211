package io.aetherflow.local.schema;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.util.ArrayList;
import java.util.List;

/** The shape of a position in a custom resource, read from its structural schema. */
record SchemaShape(JsonNode schema, boolean root) implements Shape {

  static Shape of(JsonNode schema) {
    return schema.isObject() ? new SchemaShape(schema, false) : ANY;
  }

  @Override
  public Shape field(String name) {
    boolean resource = root || schema.path("x-kubernetes-embedded-resource").asBoolean();
    if (resource && name.equals("metadata")) {
      return ModelShape.of(ObjectMeta.class);
    }
    if (resource && (name.equals("apiVersion") || name.equals("kind"))) {
      return ANY;
    }
    JsonNode declared = schema.path("properties").path(name);
    if (declared.isObject()) {
      return of(declared);
    }
    JsonNode additional = schema.path("additionalProperties");
    if (additional.isObject()) {
      return of(additional);
    }
    boolean open =
        additional.asBoolean(false)
            || schema.path("x-kubernetes-preserve-unknown-fields").asBoolean();
    return open ? ANY : null;
  }

  @Override
  public boolean declared(String name) {
    return schema.path("properties").has(name) || root;
  }

  @Override
  public Shape item() {
    return of(schema.path("items"));
  }

  @Override
  public boolean atomic() {
    if (isList()) {
      return keys().isEmpty() && !set();
    }
    return "atomic".equals(schema.path("x-kubernetes-map-type").asText());
  }

  private boolean isList() {
    return "array".equals(schema.path("type").asText());
  }

  @Override
  public List<String> keys() {
    if (!"map".equals(schema.path("x-kubernetes-list-type").asText())) {
      return List.of();
    }
    List<String> keys = new ArrayList<>();
    schema.path("x-kubernetes-list-map-keys").forEach(key -> keys.add(key.asText()));
    return keys;
  }

  @Override
  public boolean set() {
    return "set".equals(schema.path("x-kubernetes-list-type").asText());
  }

  @Override
  public JsonNode keyDefault(String key) {
    JsonNode value = schema.path("items").path("properties").path(key).path("default");
    return value.isMissingNode() ? null : value;
  }

  @Override
  public boolean nullable() {
    return schema.path("nullable").asBoolean();
  }
}
