package io.aetherflow.local.schema;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.NumericNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.UncheckedIOException;

/** The one JSON mapper of the local API, and small accessors on trees. Thread-safe. */
public final class Json {
  public static final ObjectMapper MAPPER = new ObjectMapper();

  private static final KubernetesSerialization MODELS = new KubernetesSerialization(MAPPER, false);

  private Json() {}

  public static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  /** A tree in the form parsing gives it, so that equal values are equal nodes. */
  public static ObjectNode tree(Object model) {
    try {
      return (ObjectNode) MAPPER.readTree(MAPPER.writeValueAsBytes(model));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static <T> T model(JsonNode tree, Class<T> type) {
    return MODELS.convertValue(tree, type);
  }

  public static byte[] bytes(JsonNode tree) {
    try {
      return MAPPER.writeValueAsBytes(tree);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Integers as the parser makes them: {@link IntNode} when they fit. */
  public static NumericNode number(long value) {
    return value == (int) value ? IntNode.valueOf((int) value) : LongNode.valueOf(value);
  }

  /** The node at a field path, or a missing node. */
  public static JsonNode at(JsonNode node, String... path) {
    JsonNode here = node;
    for (String step : path) {
      here = here == null ? MissingNode.getInstance() : here.path(step);
    }
    return here == null ? MissingNode.getInstance() : here;
  }

  /** The text at a field path, or the empty string. */
  public static String text(JsonNode node, String... path) {
    return at(node, path).asText("");
  }

  /** The object at the field, made when absent. */
  public static ObjectNode child(ObjectNode node, String field) {
    return node.get(field) instanceof ObjectNode present ? present : node.putObject(field);
  }

  /** Sets the field unless it has a value; the small step of every defaulting rule. */
  public static void defaultTo(ObjectNode node, String field, String value) {
    if (!node.hasNonNull(field)) {
      node.put(field, value);
    }
  }

  public static void defaultTo(ObjectNode node, String field, int value) {
    if (!node.hasNonNull(field)) {
      node.put(field, value);
    }
  }
}
