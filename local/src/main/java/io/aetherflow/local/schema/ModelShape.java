package io.aetherflow.local.schema;

import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.introspect.BeanPropertyDefinition;
import com.fasterxml.jackson.databind.node.TextNode;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The shape of a built-in kind, read from its fabric8 class; list and map types come from {@link
 * MergeKeys}.
 */
public final class ModelShape implements Shape {
  private static final Map<JavaType, ModelShape> CACHE = new ConcurrentHashMap<>();

  /** Classes with a wire form of their own; their content is not ours to judge. */
  private static final java.util.Set<String> OPAQUE =
      java.util.Set.of(
          "JSONSchemaProps", "FieldsV1", "RawExtension", "AnyType", "KubernetesResource", "Object");

  private final JavaType type;
  private final MergeKeys.Rule rule;
  private final Map<String, ModelShape> fields;

  private ModelShape(JavaType type, MergeKeys.Rule rule) {
    this.type = type;
    this.rule = rule;
    this.fields = new ConcurrentHashMap<>();
  }

  /** The shape of a model class. */
  public static ModelShape of(Class<?> model) {
    return of(Json.MAPPER.constructType(model));
  }

  private static ModelShape of(JavaType type) {
    ModelShape known = CACHE.get(type);
    if (known == null) {
      known = new ModelShape(type, MergeKeys.Rule.NONE);
      known.load();
      CACHE.put(type, known);
    }
    return known;
  }

  private void load() {
    if (!struct()) {
      return;
    }
    String owner = type.getRawClass().getSimpleName();
    for (BeanPropertyDefinition property :
        Json.MAPPER.getDeserializationConfig().introspect(type).findProperties()) {
      JavaType fieldType = property.getPrimaryType();
      fields.put(
          property.getName(),
          new ModelShape(fieldType, MergeKeys.of(owner + "." + property.getName())));
    }
  }

  private boolean struct() {
    String name = type.getRawClass().getName();
    return name.startsWith("io.fabric8.") && !scalar() && !opaque() && !type.isEnumType();
  }

  private boolean scalar() {
    Class<?> raw = type.getRawClass();
    return raw == IntOrString.class
        || raw == Quantity.class
        || raw.getSimpleName().equals("MicroTime")
        || raw == String.class
        || raw == Boolean.class
        || type.isEnumType()
        || type.isPrimitive()
        || Number.class.isAssignableFrom(raw)
        || java.time.temporal.Temporal.class.isAssignableFrom(raw);
  }

  private boolean opaque() {
    return OPAQUE.contains(type.getRawClass().getSimpleName());
  }

  private Map<String, ModelShape> structFields() {
    return struct() ? of(type).fields : Map.of();
  }

  @Override
  public Shape field(String name) {
    if (type.isMapLikeType()) {
      return new ModelShape(type.getContentType(), MergeKeys.Rule.NONE);
    }
    if (struct()) {
      return structFields().get(name);
    }
    return ANY;
  }

  @Override
  public boolean declared(String name) {
    return structFields().containsKey(name);
  }

  @Override
  public Shape item() {
    return type.isContainerType() && !type.isMapLikeType()
        ? new ModelShape(type.getContentType(), MergeKeys.Rule.NONE)
        : ANY;
  }

  @Override
  public boolean atomic() {
    if (rule.atomic() || MergeKeys.atomicType(type.getRawClass().getSimpleName())) {
      return true;
    }
    boolean list = type.isContainerType() && !type.isMapLikeType();
    return list && rule.keys().isEmpty() && !rule.set();
  }

  @Override
  public List<String> keys() {
    return rule.keys();
  }

  @Override
  public boolean set() {
    return rule.set();
  }

  @Override
  public JsonNode keyDefault(String key) {
    return key.equals("protocol") ? TextNode.valueOf("TCP") : null;
  }

  @Override
  public boolean omitsEmpty() {
    return type.isContainerType();
  }

  @Override
  public String mismatch(JsonNode value) {
    Class<?> raw = type.getRawClass();
    if (opaque()) {
      return null;
    }
    if (type.isMapLikeType() || struct()) {
      return value.isObject() ? null : wrong(value, "object");
    }
    if (type.isContainerType()) {
      return value.isArray() ? null : wrong(value, "array");
    }
    if (raw == String.class) {
      return value.isTextual() ? null : wrong(value, "string");
    }
    if (raw == Boolean.class || raw == boolean.class) {
      return value.isBoolean() ? null : wrong(value, "bool");
    }
    if (raw == Integer.class || raw == Long.class) {
      String name = raw == Long.class ? "int64" : "int32";
      boolean fits = raw == Long.class ? value.canConvertToLong() : value.canConvertToInt();
      return value.isIntegralNumber() && fits ? null : wrong(value, name);
    }
    return null;
  }

  private static String wrong(JsonNode value, String wanted) {
    String got = value.getNodeType().name().toLowerCase(java.util.Locale.ROOT);
    return "cannot unmarshal " + got + " into a field of type " + wanted;
  }

  /** Field names for {@code kubectl explain}: name to JSON type. */
  public Map<String, ModelShape> describe() {
    return new HashMap<>(structFields());
  }
}
