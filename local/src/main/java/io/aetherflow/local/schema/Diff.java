package io.aetherflow.local.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * Fields in which two versions of an object differ.
 *
 * @param changed fields with a new value
 * @param removed fields that only the old version has
 */
public record Diff(FieldSet changed, FieldSet removed) {

  public static Diff between(JsonNode old, JsonNode now, Shape shape) {
    Diff diff = new Diff(new FieldSet(), new FieldSet());
    walk(old, now, shape, diff.changed, diff.removed);
    return new Diff(diff.changed, diff.removed.minus(diff.changed));
  }

  private static void walk(
      JsonNode old, JsonNode now, Shape shape, FieldSet changed, FieldSet removed) {
    if (old.equals(now)) {
      return;
    }
    if (now.isMissingNode()) {
      removed.insert(old, shape);
    } else if (old.isMissingNode()) {
      changed.insert(now, shape);
    } else if (old.isObject() && now.isObject() && !shape.atomic()) {
      for (String name : names(old, now)) {
        Shape field = shape.field(name);
        if (field != null) {
          step("f:" + name, old.path(name), now.path(name), field, changed, removed);
          if (!shape.declared(name)) {
            markWhole("f:" + name, old.path(name), now.path(name), changed, removed);
          }
        }
      }
    } else if (old.isArray() && now.isArray() && !shape.atomic() && shape != Shape.ANY) {
      items(old, now, shape, changed, removed);
    } else {
      removed.insert(old, shape);
      changed.insert(now, shape);
    }
  }

  private static void items(
      JsonNode old, JsonNode now, Shape shape, FieldSet changed, FieldSet removed) {
    Map<String, JsonNode> before = Items.index(old, shape);
    Map<String, JsonNode> after = Items.index(now, shape);
    Set<String> steps = new LinkedHashSet<>(before.keySet());
    steps.addAll(after.keySet());
    for (String step : steps) {
      JsonNode was = before.getOrDefault(step, Json.at(null));
      JsonNode is = after.getOrDefault(step, Json.at(null));
      Shape item = shape.set() ? Shape.ANY : shape.item();
      step(step, was, is, item, changed, removed);
      markWhole(step, was, is, changed, removed);
    }
  }

  private static void step(
      String step, JsonNode old, JsonNode now, Shape shape, FieldSet changed, FieldSet removed) {
    FieldSet changedChild = new FieldSet();
    FieldSet removedChild = new FieldSet();
    walk(old, now, shape, changedChild, removedChild);
    if (!changedChild.isEmpty()) {
      changed.child(step).addAll(changedChild);
    }
    if (!removedChild.isEmpty()) {
      removed.child(step).addAll(removedChild);
    }
  }

  /** An element or map entry that appears or goes is itself a member, besides its fields. */
  private static void markWhole(
      String step, JsonNode old, JsonNode now, FieldSet changed, FieldSet removed) {
    if (old.isMissingNode()) {
      changed.child(step).add();
    } else if (now.isMissingNode()) {
      removed.child(step).add();
    }
  }

  private static Set<String> names(JsonNode a, JsonNode b) {
    Set<String> names = new LinkedHashSet<>();
    a.fieldNames().forEachRemaining(names::add);
    b.fieldNames().forEachRemaining(names::add);
    return names;
  }
}
