package io.aetherflow.local.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.aetherflow.local.schema.Json;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The JSONPath subset of printer columns: fields, indexes and one equality filter per list. */
final class JsonPaths {
  private static final Pattern STEP =
      Pattern.compile(
          "\\[\\?\\(@\\.([^=\\s]+)\\s*==\\s*[\"']([^\"']*)[\"']\\)\\]"
              + "|\\[(\\d+)\\]"
              + "|\\['([^']+)'\\]"
              + "|\\.((?:[^.\\[\\\\]|\\\\.)+)");

  private JsonPaths() {}

  /** The first match, or a missing node. */
  static JsonNode find(JsonNode object, String path) {
    JsonNode here = object;
    Matcher step = STEP.matcher(path);
    while (step.find()) {
      if (step.group(1) != null) {
        here = filtered(here, step.group(1), step.group(2));
      } else if (step.group(3) != null) {
        here = here.path(Integer.parseInt(step.group(3)));
      } else {
        String field = step.group(4) != null ? step.group(4) : step.group(5);
        here = here.path(field.replace("\\", ""));
      }
    }
    return here;
  }

  private static JsonNode filtered(JsonNode list, String field, String wanted) {
    for (JsonNode item : list) {
      if (Json.text(item, field.split("\\.")).equals(wanted)) {
        return item;
      }
    }
    return Json.at(null);
  }
}
