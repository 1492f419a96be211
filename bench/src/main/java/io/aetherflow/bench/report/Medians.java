package io.aetherflow.bench.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Repetitions, which differ in their seed alone, become one row with the median. */
public final class Medians {
  private static final String SEED = "seed";

  private record Key(String subject, Map<String, Object> params, String metric, String unit) {}

  private Medians() {}

  public static Report of(Report report) {
    Map<Key, List<Double>> values = new LinkedHashMap<>();
    for (Row row : report.rows()) {
      Map<String, Object> params = new LinkedHashMap<>(row.params());
      params.remove(SEED);
      values
          .computeIfAbsent(
              new Key(row.subject(), params, row.metric(), row.unit()), key -> new ArrayList<>())
          .add(row.value());
    }
    List<Row> rows = new ArrayList<>();
    values.forEach((key, all) ->
        rows.add(new Row(key.subject, key.params, key.metric, key.unit, median(all))));
    return new Report(report.name(), report.env(), rows);
  }

  /** The upper one of two in the middle, which needs no arithmetic on infinite values. */
  private static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    return sorted.get(sorted.size() / 2);
  }
}
