package io.aetherflow.local.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * A set of field paths as a tree; its JSON form is {@code fieldsV1}. Steps are named as on the
 * wire: {@code f:name}, {@code k:{"key":"value"}}, {@code v:"element"}. Not thread-safe.
 */
public final class FieldSet {
  private boolean member;
  private final TreeMap<String, FieldSet> children = new TreeMap<>();

  /** All fields that the value sets. */
  public static FieldSet of(JsonNode value, Shape shape) {
    FieldSet set = new FieldSet();
    set.insert(value, shape);
    return set;
  }

  /** Reads {@code fieldsV1}. */
  public static FieldSet parse(JsonNode fieldsV1) {
    FieldSet set = new FieldSet();
    fieldsV1
        .properties()
        .forEach(entry -> {
          if (entry.getKey().equals(".")) {
            set.member = true;
          } else {
            FieldSet child = parse(entry.getValue());
            child.member |= entry.getValue().isEmpty();
            set.children.put(entry.getKey(), child);
          }
        });
    return set;
  }

  /** Writes {@code fieldsV1}. */
  public ObjectNode json() {
    ObjectNode node = Json.object();
    if (member && !children.isEmpty()) {
      node.putObject(".");
    }
    children.forEach((step, child) -> node.set(step, child.json()));
    return node;
  }

  void insert(JsonNode value, Shape shape) {
    if (shape.atomic() || value.isValueNode()) {
      member = true;
    } else if (value.isObject()) {
      member |= value.isEmpty();
      value.properties().forEach(entry -> insertField(entry, shape));
    } else {
      insertItems(value, shape);
    }
  }

  private void insertField(Map.Entry<String, JsonNode> entry, Shape shape) {
    Shape fieldShape = shape.field(entry.getKey());
    if (fieldShape == null) {
      return;
    }
    FieldSet child = child("f:" + entry.getKey());
    child.insert(entry.getValue(), fieldShape);
    child.member |= !shape.declared(entry.getKey());
    if (child.isEmpty()) {
      children.remove("f:" + entry.getKey());
    }
  }

  private void insertItems(JsonNode list, Shape shape) {
    if (shape.keys().isEmpty() && !shape.set()) {
      member = true;
      return;
    }
    for (JsonNode item : list) {
      FieldSet child = child(Items.step(item, shape));
      if (!shape.set()) {
        child.insert(item, shape.item());
      }
      child.member = true;
    }
  }

  public FieldSet child(String step) {
    return children.computeIfAbsent(step, key -> new FieldSet());
  }

  public FieldSet find(String step) {
    return children.get(step);
  }

  public Map<String, FieldSet> children() {
    return children;
  }

  public boolean member() {
    return member;
  }

  public void add() {
    member = true;
  }

  public boolean isEmpty() {
    return !member && children.isEmpty();
  }

  public FieldSet union(FieldSet other) {
    FieldSet result = copy();
    result.addAll(other);
    return result;
  }

  void addAll(FieldSet other) {
    member |= other.member;
    other.children.forEach((step, child) -> child(step).addAll(child));
  }

  public FieldSet copy() {
    FieldSet copy = new FieldSet();
    copy.addAll(this);
    return copy;
  }

  public FieldSet minus(FieldSet other) {
    return combine(other, false);
  }

  public FieldSet intersect(FieldSet other) {
    return combine(other, true);
  }

  private FieldSet combine(FieldSet other, boolean shared) {
    FieldSet result = new FieldSet();
    result.member = member && other.member == shared;
    children.forEach((step, child) -> {
      FieldSet match = other.children.get(step);
      FieldSet kept =
          match == null ? (shared ? new FieldSet() : child.copy()) : child.combine(match, shared);
      if (!kept.isEmpty()) {
        result.children.put(step, kept);
      }
    });
    return result;
  }

  /** Visits the readable path of every member, such as {@code .spec.ports[port=80].name}. */
  public void paths(Consumer<String> visitor) {
    paths("", visitor);
  }

  private void paths(String prefix, Consumer<String> visitor) {
    if (member) {
      visitor.accept(prefix);
    }
    children.forEach((step, child) -> child.paths(prefix + Items.readable(step), visitor));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof FieldSet set && member == set.member && children.equals(set.children);
  }

  @Override
  public int hashCode() {
    return children.hashCode();
  }

  @Override
  public String toString() {
    return json().toString();
  }
}
