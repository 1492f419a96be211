package io.aetherflow.bench.report;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** One benchmark call as Markdown and as a plot of its main metric, medians over the seeds. */
final class Section {
  /** In this order; what is missing here stays in the JSON. */
  private static final List<String> SHOWN =
      List.of(
          "p50",
          "p99",
          "p99.9",
          "max",
          "ops",
          "failed",
          "wire-up",
          "wire-down",
          "client-repairs",
          "goodput",
          "share",
          "jain",
          "cpu",
          "encode",
          "decode",
          "time",
          "error",
          "rate",
          "allocated",
          "link-loss-up",
          "link-late-p99");

  private static final List<String> PLOTTED = List.of("p99", "share", "goodput", "encode", "ops");

  private record Line(String subject, Map<String, Object> params) {
    String name(Map<String, Object> shared) {
      String rest =
          params.entrySet().stream()
              .filter(entry -> !shared.entrySet().contains(entry))
              .filter(entry -> !entry.getValue().equals("no") && !entry.getValue().equals("none"))
              .map(entry -> entry.getKey() + " " + entry.getValue())
              .sorted()
              .collect(Collectors.joining(", "));
      return rest.isEmpty() ? subject : subject + " (" + rest + ")";
    }
  }

  private final Report medians;
  private final String stem;
  private final Map<Line, Map<String, Row>> lines = new LinkedHashMap<>();
  private final Map<String, Object> shared;

  Section(Report report, String stem) {
    medians = Medians.of(report);
    this.stem = stem;
    for (Row row : medians.rows()) {
      lines
          .computeIfAbsent(new Line(row.subject(), row.params()), line -> new LinkedHashMap<>())
          .put(row.metric(), row);
    }
    Map<String, Object> common = new LinkedHashMap<>();
    lines.keySet().stream().findFirst().ifPresent(line -> common.putAll(line.params()));
    lines.keySet().forEach(line -> common.entrySet().retainAll(line.params().entrySet()));
    shared = common;
  }

  private Optional<String> plotted() {
    return PLOTTED.stream()
        .filter(metric -> medians.rows().stream().anyMatch(row -> row.metric().equals(metric)))
        .findFirst();
  }

  boolean hasPlot() {
    return plotted().isPresent();
  }

  String plot() {
    String metric = plotted().orElseThrow();
    List<BarPlot.Bar> bars =
        lines.entrySet().stream()
            .filter(line -> line.getValue().containsKey(metric))
            .map(line ->
                new BarPlot.Bar(line.getKey().name(shared), line.getValue().get(metric).value()))
            .toList();
    String unit =
        medians.rows().stream().filter(r -> r.metric().equals(metric)).findFirst().get().unit();
    return BarPlot.of(title() + ": " + metric, unit, bars);
  }

  private String title() {
    String common =
        shared.entrySet().stream()
            .map(entry -> entry.getKey() + " " + entry.getValue())
            .collect(Collectors.joining(", "));
    return medians.name() + (common.isEmpty() ? "" : ", " + common);
  }

  String markdown() {
    List<String> metrics =
        SHOWN.stream()
            .filter(metric -> medians.rows().stream().anyMatch(r -> r.metric().equals(metric)))
            .toList();
    StringBuilder text = new StringBuilder("\n### " + title() + "\n\n");
    text.append("Measured ").append(medians.env().getOrDefault("time", "")).append(", ");
    text.append(medians.env().getOrDefault("cpus", "?")).append(" cores; median of the seeds.\n\n");
    text.append("| subject |");
    metrics.forEach(metric -> text.append(' ').append(metric).append(unit(metric)).append(" |"));
    text.append("\n|---|").append("---|".repeat(metrics.size())).append('\n');
    lines.forEach((line, values) -> {
      text.append("| ").append(line.name(shared)).append(" |");
      metrics.forEach(metric -> text.append(' ').append(number(values.get(metric))).append(" |"));
      text.append('\n');
    });
    if (hasPlot()) {
      text.append("\n![").append(title()).append("](plots/").append(stem).append(".svg)\n");
    }
    return text.toString();
  }

  private String unit(String metric) {
    return medians.rows().stream()
        .filter(row -> row.metric().equals(metric) && !row.unit().isEmpty())
        .findFirst()
        .map(row -> ", " + row.unit())
        .orElse("");
  }

  private static String number(Row row) {
    if (row == null) {
      return "";
    }
    if (Double.isInfinite(row.value())) {
      return "infinite";
    }
    return String.format(Locale.ROOT, row.value() >= 1000 ? "%.0f" : "%.2f", row.value());
  }
}
