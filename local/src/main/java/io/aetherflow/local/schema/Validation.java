package io.aetherflow.local.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** Checks a value against a structural schema, with the API server's wording. */
final class Validation {
  private static final Map<String, Pattern> PATTERNS = new ConcurrentHashMap<>();

  private final List<Problem> problems;

  Validation(List<Problem> problems) {
    this.problems = problems;
  }

  void check(JsonNode value, JsonNode schema, String path) {
    if (value.isNull() && schema.path("nullable").asBoolean()) {
      return;
    }
    if (!typeFits(value, schema)) {
      String type =
          schema.path("x-kubernetes-int-or-string").asBoolean() ? "integer,string" : type(schema);
      String shown = shown(value);
      problems.add(
          new Problem(
              path,
              "FieldValueTypeInvalid",
              "Invalid value: "
                  + shown
                  + ": "
                  + path
                  + " in body must be of type "
                  + type
                  + ": "
                  + shown));
      return;
    }
    enumeration(value, schema, path);
    if (value.isNumber()) {
      number(value, schema, path);
    } else if (value.isTextual()) {
      string(value.asText(), schema, path);
    } else if (value.isArray()) {
      array(value, schema, path);
    } else if (value.isObject()) {
      object(value, schema, path);
    }
  }

  private static String type(JsonNode schema) {
    return Json.text(schema, "type");
  }

  private static boolean typeFits(JsonNode value, JsonNode schema) {
    if (schema.path("x-kubernetes-int-or-string").asBoolean()) {
      return value.isIntegralNumber() || value.isTextual();
    }
    return switch (type(schema)) {
      case "object" -> value.isObject();
      case "array" -> value.isArray();
      case "string" -> value.isTextual();
      case "boolean" -> value.isBoolean();
      case "integer" -> value.isIntegralNumber();
      case "number" -> value.isNumber();
      default -> true;
    };
  }

  /** How the API server prints a refused value: type names stand for composite ones. */
  static String shown(JsonNode value) {
    if (value.isObject()) {
      return "\"object\"";
    }
    return value.isArray() ? "\"array\"" : value.toString();
  }

  private void enumeration(JsonNode value, JsonNode schema, String path) {
    JsonNode allowed = schema.path("enum");
    if (!allowed.isArray()) {
      return;
    }
    for (JsonNode one : allowed) {
      if (one.equals(value)) {
        return;
      }
    }
    String list =
        StreamSupport.stream(allowed.spliterator(), false)
            .map(JsonNode::toString)
            .collect(Collectors.joining(", "));
    problems.add(
        new Problem(
            path,
            "FieldValueNotSupported",
            "Unsupported value: " + shown(value) + ": supported values: " + list));
  }

  private void number(JsonNode value, JsonNode schema, String path) {
    JsonNode minimum = schema.path("minimum");
    JsonNode maximum = schema.path("maximum");
    double actual = value.asDouble();
    boolean aboveOnly = schema.path("exclusiveMinimum").asBoolean();
    boolean belowOnly = schema.path("exclusiveMaximum").asBoolean();
    if (minimum.isNumber()
        && (actual < minimum.asDouble() || aboveOnly && actual == minimum.asDouble())) {
      invalid(
          path,
          value,
          "should be greater than " + (aboveOnly ? "" : "or equal to ") + plain(minimum));
    }
    if (maximum.isNumber()
        && (actual > maximum.asDouble() || belowOnly && actual == maximum.asDouble())) {
      invalid(
          path, value, "should be less than " + (belowOnly ? "" : "or equal to ") + plain(maximum));
    }
    JsonNode multiple = schema.path("multipleOf");
    if (multiple.isNumber() && Math.IEEEremainder(actual, multiple.asDouble()) != 0) {
      invalid(path, value, "should be a multiple of " + plain(multiple));
    }
    if ("int32".equals(Json.text(schema, "format")) && !value.canConvertToInt()) {
      invalid(path, value, "must be of type int32: " + value);
    }
  }

  private static String plain(JsonNode bound) {
    double number = bound.asDouble();
    return number == Math.rint(number) ? Long.toString((long) number) : bound.asText();
  }

  private void string(String value, JsonNode schema, String path) {
    int length = value.codePointCount(0, value.length());
    String shown = Json.MAPPER.getNodeFactory().textNode(value).toString();
    if (schema.has("minLength") && length < schema.get("minLength").asInt()) {
      problems.add(
          Problem.invalid(
              path,
              shown,
              path + " in body should be at least " + schema.get("minLength") + " chars long"));
    }
    if (schema.has("maxLength") && length > schema.get("maxLength").asInt()) {
      problems.add(
          new Problem(
              path,
              "FieldValueTooLong",
              "Too long: may not be more than " + schema.get("maxLength") + " bytes"));
    }
    String pattern = Json.text(schema, "pattern");
    if (!pattern.isEmpty()
        && !PATTERNS.computeIfAbsent(pattern, Pattern::compile).matcher(value).find()) {
      problems.add(Problem.invalid(path, shown, path + " in body should match '" + pattern + "'"));
    }
  }

  private void array(JsonNode value, JsonNode schema, String path) {
    if (schema.has("minItems") && value.size() < schema.get("minItems").asInt()) {
      problems.add(
          Problem.invalid(
              path,
              Integer.toString(value.size()),
              path + " in body should have at least " + schema.get("minItems") + " items"));
    }
    if (schema.has("maxItems") && value.size() > schema.get("maxItems").asInt()) {
      tooMany(path, value.size(), schema.get("maxItems").asInt(), "items");
    }
    Shape shape = SchemaShape.of(schema);
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < value.size(); i++) {
      String here = path + "[" + i + "]";
      check(value.get(i), schema.path("items"), here);
      boolean unique = !shape.keys().isEmpty() || shape.set();
      if (unique && !seen.add(Items.step(value.get(i), shape))) {
        String key = Items.step(value.get(i), shape).substring(2);
        problems.add(new Problem(here, "FieldValueDuplicate", "Duplicate value: " + key));
      }
    }
  }

  private void object(JsonNode value, JsonNode schema, String path) {
    for (JsonNode name : schema.path("required")) {
      if (!value.has(name.asText())) {
        problems.add(Problem.required(join(path, name.asText()), ""));
      }
    }
    if (schema.has("minProperties") && value.size() < schema.get("minProperties").asInt()) {
      problems.add(
          Problem.invalid(
              path,
              Integer.toString(value.size()),
              path
                  + " in body should have at least "
                  + schema.get("minProperties")
                  + " properties"));
    }
    if (schema.has("maxProperties") && value.size() > schema.get("maxProperties").asInt()) {
      tooMany(path, value.size(), schema.get("maxProperties").asInt(), "properties");
    }
    JsonNode declared = schema.path("properties");
    JsonNode additional = schema.path("additionalProperties");
    for (Map.Entry<String, JsonNode> field : value.properties()) {
      JsonNode own = declared.path(field.getKey());
      if (own.isObject()) {
        check(field.getValue(), own, join(path, field.getKey()));
      } else if (additional.isObject()) {
        check(field.getValue(), additional, join(path, field.getKey()));
      }
    }
  }

  private void tooMany(String path, int actual, int most, String what) {
    problems.add(
        new Problem(
            path,
            "FieldValueTooMany",
            "Too many: " + actual + ": must have at most " + most + " " + what));
  }

  private void invalid(String path, JsonNode value, String rule) {
    problems.add(Problem.invalid(path, shown(value), path + " in body " + rule));
  }

  static String join(String path, String field) {
    return path.isEmpty() ? field : path + "." + field;
  }
}
