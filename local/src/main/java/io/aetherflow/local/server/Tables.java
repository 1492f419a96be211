package io.aetherflow.local.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.aetherflow.local.schema.Json;
import io.aetherflow.local.store.Kind;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Renders objects as {@code meta.k8s.io/v1 Table}, what kubectl prints. Thread-safe. */
final class Tables {

  /** One column; priority 1 appears only with {@code -o wide}. */
  record Column(String name, String type, int priority, Function<ObjectNode, JsonNode> cell) {}

  private final Clock clock;
  private final Columns builtIn;

  Tables(Clock clock) {
    this.clock = clock;
    this.builtIn = new Columns(this);
  }

  ObjectNode table(Kind kind, List<ObjectNode> objects, String revision, Call call) {
    List<Column> columns = columns(kind);
    ObjectNode table = Json.object().put("kind", "Table").put("apiVersion", "meta.k8s.io/v1");
    table.putObject("metadata").put("resourceVersion", revision);
    ArrayNode definitions = table.putArray("columnDefinitions");
    for (Column column : columns) {
      definitions
          .addObject()
          .put("name", column.name)
          .put("type", column.type)
          .put("format", column.name.equals("Name") ? "name" : "")
          .put("description", "")
          .put("priority", column.priority);
    }
    ArrayNode rows = table.putArray("rows");
    for (ObjectNode object : objects) {
      ObjectNode row = rows.addObject();
      ArrayNode cells = row.putArray("cells");
      columns.forEach(column -> cells.add(column.cell.apply(object)));
      attach(row, object, call.parameter("includeObject"));
    }
    return table;
  }

  private static void attach(ObjectNode row, ObjectNode object, String include) {
    switch (include) {
      case "None" -> {}
      case "Object" -> row.set("object", object);
      default -> {
        ObjectNode partial =
            Json.object().put("kind", "PartialObjectMetadata").put("apiVersion", "meta.k8s.io/v1");
        partial.set("metadata", object.get("metadata"));
        row.set("object", partial);
      }
    }
  }

  private List<Column> columns(Kind kind) {
    List<Column> columns = new ArrayList<>();
    columns.add(new Column("Name", "string", 0, object -> Json.at(object, "metadata", "name")));
    if (kind.custom() != null) {
      kind.columns().forEach(column -> columns.add(custom(column)));
    } else {
      columns.addAll(builtIn.of(kind.kind()));
    }
    if (columns.size() == 1) {
      columns.add(age());
    }
    return columns;
  }

  private Column custom(JsonNode column) {
    String path = Json.text(column, "jsonPath");
    String type = Json.text(column, "type");
    return new Column(
        Json.text(column, "name"),
        type,
        column.path("priority").asInt(),
        object -> {
          JsonNode value = JsonPaths.find(object, path);
          if (type.equals("date")) {
            return TextNode.valueOf(since(value.asText("")));
          }
          return value.isMissingNode() ? TextNode.valueOf("") : value;
        });
  }

  Column age() {
    return new Column(
        "Age",
        "string",
        0,
        object -> TextNode.valueOf(since(Json.text(object, "metadata", "creationTimestamp"))));
  }

  /**
   * The time since then as kubectl prints it: {@code 5s}, {@code 3m20s}, {@code 4h}, {@code 2d}.
   */
  String since(String timestamp) {
    if (timestamp.isEmpty()) {
      return "<unknown>";
    }
    long seconds =
        Math.max(0, Duration.between(Instant.parse(timestamp), clock.instant()).toSeconds());
    long minutes = seconds / 60;
    long hours = seconds / 3600;
    long days = seconds / 86_400;
    if (seconds < 120) {
      return seconds + "s";
    }
    if (minutes < 10) {
      return minutes + "m" + rest(seconds % 60, "s");
    }
    if (hours < 3) {
      return minutes + "m";
    }
    if (hours < 8) {
      return hours + "h" + rest(minutes % 60, "m");
    }
    if (hours < 48) {
      return hours + "h";
    }
    return days < 8 ? days + "d" + rest(hours % 24, "h") : days + "d";
  }

  private static String rest(long value, String unit) {
    return value == 0 ? "" : value + unit;
  }
}
