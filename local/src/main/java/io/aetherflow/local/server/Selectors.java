package io.aetherflow.local.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aetherflow.local.schema.Json;
import io.aetherflow.local.store.Errors;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Label and field selectors of list, watch and deletecollection requests. */
final class Selectors {
  private static final Pattern SET = Pattern.compile("([^\\s!=,]+)\\s+(in|notin)\\s*\\(([^)]*)\\)");
  private static final Pattern COMMA_OUTSIDE_PARENTHESES = Pattern.compile(",(?![^(]*\\))");

  private Selectors() {}

  static Predicate<ObjectNode> of(String labelSelector, String fieldSelector) {
    List<Predicate<ObjectNode>> all = new ArrayList<>();
    for (String part : COMMA_OUTSIDE_PARENTHESES.split(labelSelector)) {
      if (!part.isBlank()) {
        all.add(label(part.strip()));
      }
    }
    for (String part : fieldSelector.split(",")) {
      if (!part.isBlank()) {
        all.add(field(part.strip()));
      }
    }
    return object -> all.stream().allMatch(one -> one.test(object));
  }

  private static Predicate<ObjectNode> label(String part) {
    Matcher set = SET.matcher(part);
    if (set.matches()) {
      List<String> values = List.of(set.group(3).strip().split("\\s*,\\s*"));
      boolean in = set.group(2).equals("in");
      return object -> {
        JsonNode value = labels(object).path(set.group(1));
        return in == (!value.isMissingNode() && values.contains(value.asText()));
      };
    }
    int notEqual = part.indexOf("!=");
    if (notEqual > 0) {
      String value = part.substring(notEqual + 2).strip();
      return object -> !value.equals(text(object, part.substring(0, notEqual).strip()));
    }
    int equal = part.indexOf('=');
    if (equal > 0) {
      String value = part.substring(equal).replaceFirst("==?", "").strip();
      return object -> value.equals(text(object, part.substring(0, equal).strip()));
    }
    return part.startsWith("!")
        ? object -> !labels(object).has(part.substring(1).strip())
        : object -> labels(object).has(part);
  }

  private static JsonNode labels(ObjectNode object) {
    return Json.at(object, "metadata", "labels");
  }

  private static String text(ObjectNode object, String label) {
    JsonNode value = labels(object).path(label);
    return value.isMissingNode() ? null : value.asText();
  }

  private static Predicate<ObjectNode> field(String part) {
    boolean negated = part.contains("!=");
    String[] sides = part.split("!=|==|=", 2);
    if (sides.length != 2) {
      throw Errors.badRequest("invalid field selector: " + part);
    }
    String[] path = sides[0].strip().split("\\.");
    String wanted = sides[1].strip();
    return object -> {
      String actual = Json.text(object, path);
      boolean source = sides[0].strip().equals("source");
      return negated != wanted.equals(source ? Json.text(object, "source", "component") : actual);
    };
  }
}
