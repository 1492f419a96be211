package io.aetherflow.local.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Walks an object with its schema and runs the CEL rules at every level. */
final class Rules {
  private final List<Problem> problems;

  Rules(List<Problem> problems) {
    this.problems = problems;
  }

  /** {@code old} is missing on creation; rules about {@code oldSelf} then do not apply. */
  void check(JsonNode value, JsonNode old, JsonNode schema, String path) {
    if (value.isNull()) {
      return;
    }
    for (JsonNode rule : schema.path("x-kubernetes-validations")) {
      run(rule, value, old, path, Json.text(schema, "type"));
    }
    if (value.isObject()) {
      JsonNode additional = schema.path("additionalProperties");
      value
          .properties()
          .forEach(field -> {
            JsonNode own = schema.path("properties").path(field.getKey());
            JsonNode used = own.isObject() ? own : additional;
            if (used.isObject()) {
              String here = Validation.join(path, field.getKey());
              check(field.getValue(), old.path(field.getKey()), used, here);
            }
          });
    } else if (value.isArray()) {
      items(value, old, schema, path);
    }
  }

  private void items(JsonNode value, JsonNode old, JsonNode schema, String path) {
    Shape shape = SchemaShape.of(schema);
    Map<String, JsonNode> before =
        old.isArray() && !shape.keys().isEmpty() ? Items.index(old, shape) : Map.of();
    for (int i = 0; i < value.size(); i++) {
      JsonNode was =
          before.isEmpty()
              ? MissingNode.getInstance()
              : before.getOrDefault(Items.step(value.get(i), shape), MissingNode.getInstance());
      check(value.get(i), was, schema.path("items"), path + "[" + i + "]");
    }
  }

  private void run(JsonNode rule, JsonNode value, JsonNode old, String path, String type) {
    String expression = Json.text(rule, "rule");
    boolean transition = expression.contains("oldSelf");
    if (transition && old.isMissingNode()) {
      return;
    }
    Map<String, Object> variables = new HashMap<>();
    variables.put("self", Cel.value(value));
    if (transition) {
      variables.put("oldSelf", Cel.value(old));
    }
    String field = Validation.join(path, Json.text(rule, "fieldPath").replaceFirst("^\\.", ""));
    if (Json.text(rule, "fieldPath").isEmpty()) {
      field = path;
    }
    String shown = "\"" + type + "\"";
    try {
      if (!Boolean.TRUE.equals(Cel.evaluate(expression, variables))) {
        problems.add(refusal(rule, field, shown, message(rule, variables)));
      }
    } catch (IllegalArgumentException e) {
      problems.add(
          Problem.invalid(field, shown, "rule " + expression + " failed: " + e.getMessage()));
    }
  }

  private static Problem refusal(JsonNode rule, String field, String shown, String message) {
    return switch (Json.text(rule, "reason")) {
      case "FieldValueForbidden" -> Problem.forbidden(field, message);
      case "FieldValueRequired" -> Problem.required(field, message);
      case "FieldValueDuplicate" ->
          new Problem(field, "FieldValueDuplicate", "Duplicate value: " + shown);
      default -> Problem.invalid(field, shown, message);
    };
  }

  private static String message(JsonNode rule, Map<String, Object> variables) {
    String expression = Json.text(rule, "messageExpression");
    if (!expression.isEmpty()) {
      try {
        return String.valueOf(Cel.evaluate(expression, variables));
      } catch (IllegalArgumentException e) {
        // As the API server does: a broken messageExpression falls back to the plain message.
      }
    }
    String message = Json.text(rule, "message");
    return message.isEmpty() ? "failed rule: " + Json.text(rule, "rule") : message;
  }
}
