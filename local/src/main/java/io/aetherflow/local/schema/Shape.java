package io.aetherflow.local.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * What one position of an object may hold, as patches, server-side apply and strict decoding need
 * it. Built-in kinds have {@link ModelShape}, custom resources {@link SchemaShape}.
 */
public interface Shape {

  /** Accepts everything: maps merge by key, lists are replaced whole. */
  Shape ANY = new Shape() {};

  /** The shape of a field or map entry, or null when the position declares no such field. */
  default Shape field(String name) {
    return ANY;
  }

  /** True when {@code name} is a declared field rather than a free map key. */
  default boolean declared(String name) {
    return false;
  }

  /** The shape of list elements. */
  default Shape item() {
    return ANY;
  }

  /** True when the value has one owner as a whole, though it is an object or list. */
  default boolean atomic() {
    return false;
  }

  /** Key fields of an associative list; empty for every other list. */
  default List<String> keys() {
    return List.of();
  }

  /** True for a list whose elements are unique scalars. */
  default boolean set() {
    return false;
  }

  /** The default of a key field that an element leaves out, or null. */
  default JsonNode keyDefault(String key) {
    return null;
  }

  /** True when empty lists and maps here mean the same as absence (Go's omitempty). */
  default boolean omitsEmpty() {
    return false;
  }

  /** Why the value cannot stand here, or null; only the JSON type is judged. */
  default String mismatch(JsonNode value) {
    return null;
  }

  /** True when null is a value here, not absence. */
  default boolean nullable() {
    return false;
  }
}
