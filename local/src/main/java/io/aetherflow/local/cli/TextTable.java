package io.aetherflow.local.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Prints a {@code meta.k8s.io/v1 Table} in kubectl's layout. */
final class TextTable {
  private static final int GAP_CHARS = 3;

  private TextTable() {}

  /** Lines of the table, header first; columns of a priority above 0 are left out. */
  static List<String> lines(JsonNode table) {
    List<Integer> shown = new ArrayList<>();
    List<String> header = new ArrayList<>();
    JsonNode columns = table.path("columnDefinitions");
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).path("priority").asInt() == 0) {
        shown.add(i);
        header.add(columns.get(i).path("name").asText().toUpperCase(Locale.ROOT));
      }
    }
    List<List<String>> rows = new ArrayList<>(List.of(header));
    for (JsonNode row : table.path("rows")) {
      rows.add(shown.stream().map(i -> row.path("cells").path(i).asText()).toList());
    }
    return aligned(rows);
  }

  private static List<String> aligned(List<List<String>> rows) {
    int[] widths = new int[rows.getFirst().size()];
    for (List<String> row : rows) {
      for (int i = 0; i < row.size(); i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    return rows.stream().map(row -> line(row, widths)).toList();
  }

  private static String line(List<String> row, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < row.size(); i++) {
      line.append(row.get(i)).repeat(' ', widths[i] - row.get(i).length() + GAP_CHARS);
    }
    return line.toString().stripTrailing();
  }
}
