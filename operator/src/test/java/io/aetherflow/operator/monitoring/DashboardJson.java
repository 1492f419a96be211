package io.aetherflow.operator.monitoring;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** Grafana's JSON of a dashboard: variables, a grid of panels, one data source. */
final class DashboardJson {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int SCHEMA_VERSION = 39;
  private static final int COLUMNS = 24;
  private static final int PANEL_HEIGHT = 8;
  private static final int STAT_HEIGHT = 4;

  private final ObjectNode root = JSON.createObjectNode();
  private final ArrayNode panels = JSON.createArrayNode();
  private int x;
  private int y;
  private int lineHeight;

  private DashboardJson() {}

  static String of(String uid, String title, String variableMetric, List<Panel> panels) {
    return new DashboardJson().write(uid, title, variableMetric, panels);
  }

  private String write(String uid, String title, String variableMetric, List<Panel> all) {
    root.put("uid", uid).put("title", title).put("editable", true);
    root.put("schemaVersion", SCHEMA_VERSION).put("version", 1);
    root.put("refresh", "30s").put("timezone", "browser");
    root.putArray("tags").add("aetherflow");
    root.putObject("time").put("from", "now-1h").put("to", "now");
    root.putObject("annotations").putArray("list");
    variables(variableMetric);
    all.forEach(this::add);
    root.set("panels", panels);
    try {
      DefaultPrettyPrinter printer = new DefaultPrettyPrinter();
      printer.indentArraysWith(DefaultIndenter.SYSTEM_LINEFEED_INSTANCE);
      return JSON.writer(printer).writeValueAsString(root) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private void variables(String metric) {
    ArrayNode list = root.putObject("templating").putArray("list");
    list.addObject()
        .put("name", "datasource")
        .put("type", "datasource")
        .put("query", "prometheus")
        .put("label", "Data source");
    variable(list, "namespace", "Namespace", "label_values(" + metric + ", namespace)");
    variable(
        list,
        "cluster",
        "Cluster",
        "label_values(" + metric + "{namespace=\"$namespace\"}, aetherflow_cluster)");
  }

  private static void variable(ArrayNode list, String name, String label, String query) {
    ObjectNode variable =
        list.addObject().put("name", name).put("label", label).put("type", "query");
    variable.put("query", query).put("refresh", 2).put("sort", 1);
    source(variable);
  }

  private void add(Panel panel) {
    int height =
        switch (panel.kind()) {
          case ROW -> 1;
          case STAT -> STAT_HEIGHT;
          case TIMESERIES -> PANEL_HEIGHT;
        };
    if (x + panel.width() > COLUMNS) {
      x = 0;
      y += lineHeight;
      lineHeight = 0;
    }
    ObjectNode node = panels.addObject().put("id", panels.size()).put("title", panel.title());
    node.putObject("gridPos").put("x", x).put("y", y).put("w", panel.width()).put("h", height);
    x += panel.width();
    lineHeight = Math.max(lineHeight, height);
    if (panel.kind() == Panel.Kind.ROW) {
      node.put("type", "row").put("collapsed", false).putArray("panels");
      return;
    }
    node.put("type", panel.kind() == Panel.Kind.STAT ? "stat" : "timeseries");
    node.put("description", panel.meaning());
    source(node);
    node.putObject("fieldConfig").putObject("defaults").put("unit", panel.unit());
    ArrayNode targets = node.putArray("targets");
    for (Panel.Query query : panel.queries()) {
      ObjectNode target = targets.addObject();
      target.put("refId", String.valueOf((char) ('A' + targets.size() - 1)));
      target.put("expr", query.expression()).put("legendFormat", query.legend());
      source(target);
    }
  }

  private static void source(ObjectNode node) {
    node.putObject("datasource").put("type", "prometheus").put("uid", "${datasource}");
  }
}
