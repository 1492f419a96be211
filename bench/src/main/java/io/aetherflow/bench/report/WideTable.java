package io.aetherflow.bench.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Rows of the same subject and parameters become one line. */
final class WideTable {
  /** Beyond this a number needs no digit after the point. */
  private static final double WHOLE = 1000;

  private record Line(String subject, Map<String, Object> params) {}

  private WideTable() {}

  static String of(List<Row> rows) {
    Map<Line, Map<String, Row>> lines = new LinkedHashMap<>();
    Set<String> metrics = new LinkedHashSet<>();
    for (Row row : rows) {
      lines
          .computeIfAbsent(new Line(row.subject(), row.params()), line -> new LinkedHashMap<>())
          .put(row.metric(), row);
      metrics.add(row.metric());
    }
    Map<String, Object> shared = shared(lines.keySet());
    List<String> head = new ArrayList<>(List.of("SUBJECT", "PARAMS"));
    metrics.forEach(metric -> head.add(metric + unit(rows, metric)));
    Table table = new Table(head);
    lines.forEach((line, values) -> {
      List<String> cells = new ArrayList<>(List.of(line.subject(), params(line.params(), shared)));
      metrics.forEach(metric -> cells.add(number(values.get(metric))));
      table.add(cells);
    });
    return params(shared, Map.of()) + System.lineSeparator() + table;
  }

  private static Map<String, Object> shared(Set<Line> lines) {
    Map<String, Object> shared = null;
    for (Line line : lines) {
      if (shared == null) {
        shared = new LinkedHashMap<>(line.params());
      }
      shared.entrySet().retainAll(line.params().entrySet());
    }
    return shared == null ? Map.of() : shared;
  }

  private static String params(Map<String, Object> params, Map<String, Object> without) {
    return params.entrySet().stream()
        .filter(entry -> !without.entrySet().contains(entry))
        .map(entry -> entry.getKey() + "=" + entry.getValue())
        .collect(Collectors.joining(" "));
  }

  private static String unit(List<Row> rows, String metric) {
    String unit =
        rows.stream().filter(row -> row.metric().equals(metric)).findFirst().orElseThrow().unit();
    return unit.isEmpty() || unit.equals("packets") ? "" : " " + unit;
  }

  private static String number(Row row) {
    if (row == null) {
      return "";
    }
    boolean whole = row.value() == Math.rint(row.value()) || row.value() >= WHOLE;
    return String.format(Locale.ROOT, whole ? "%.0f" : "%.2f", row.value());
  }
}
