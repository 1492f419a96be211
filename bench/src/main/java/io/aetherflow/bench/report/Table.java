package io.aetherflow.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Left-aligned text columns. Not thread-safe. */
final class Table {
  private static final String GAP = "   ";

  private final List<List<String>> lines = new ArrayList<>();

  Table(List<String> header) {
    lines.add(header);
  }

  void add(List<String> cells) {
    lines.add(cells);
  }

  @Override
  public String toString() {
    return lines.stream().map(this::line).collect(Collectors.joining(System.lineSeparator()));
  }

  private String line(List<String> cells) {
    StringBuilder text = new StringBuilder();
    for (int column = 0; column < cells.size(); column++) {
      text.append(cells.get(column)).append(" ".repeat(pad(column, cells.get(column)))).append(GAP);
    }
    return text.toString().stripTrailing();
  }

  private int pad(int column, String cell) {
    int width = lines.stream().mapToInt(line -> line.get(column).length()).max().orElse(0);
    return width - cell.length();
  }
}
