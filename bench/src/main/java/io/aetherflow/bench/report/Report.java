package io.aetherflow.bench.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The numbers of one benchmark call, as a table for people and as JSON for programs.
 *
 * <p>The JSON is {@code {"name", "env", "rows": [{"subject", "params", "metric", "unit",
 * "value"}]}}; the format is shared by every benchmark.
 *
 * @param name the subcommand
 * @param env the machine and the versions, see {@link Environment}
 */
public record Report(String name, Map<String, Object> env, List<Row> rows) {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  public Report {
    env = Map.copyOf(env);
    rows = List.copyOf(rows);
  }

  public String toJson() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a record of strings and numbers always prints", e);
    }
  }

  public void writeJson(Path file) throws IOException {
    Files.writeString(file, toJson() + System.lineSeparator());
  }

  /** One aligned line per row, with a header line; ends without a newline. */
  public String toTable() {
    Table table = new Table(List.of("SUBJECT", "PARAMS", "METRIC", "VALUE", "UNIT"));
    for (Row row : rows) {
      table.add(List.of(row.subject(), params(row), row.metric(), number(row), row.unit()));
    }
    return table.toString();
  }

  /**
   * One line per subject and variant with its metrics side by side; what all lines share stands
   * above the table. Ends without a newline.
   */
  public String toWideTable() {
    return WideTable.of(rows);
  }

  private static String params(Row row) {
    return row.params().entrySet().stream()
        .map(entry -> entry.getKey() + "=" + entry.getValue())
        .collect(Collectors.joining(" "));
  }

  private static String number(Row row) {
    return String.format(Locale.ROOT, "%.1f", row.value());
  }
}
