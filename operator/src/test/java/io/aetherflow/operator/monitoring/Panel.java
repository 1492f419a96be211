package io.aetherflow.operator.monitoring;

import java.util.List;

/**
 * One panel of a dashboard.
 *
 * @param meaning what it shows and what to look for, in a sentence
 * @param unit Grafana's name of the unit
 * @param width in Grafana's columns, of which there are 24
 */
record Panel(String title, String meaning, String unit, int width, Kind kind, List<Query> queries) {

  enum Kind {
    ROW,
    STAT,
    TIMESERIES
  }

  /**
   * @param legend with {@code {{label}}} in place of labels
   */
  record Query(String legend, String expression) {}

  static Panel row(String title) {
    return new Panel(title, "", "", 24, Kind.ROW, List.of());
  }

  static Panel stat(String title, String unit, String expression, String meaning) {
    return new Panel(
        title, meaning, unit, 6, Kind.STAT, List.of(new Query("{{component}}", expression)));
  }

  static Panel graph(String title, String unit, String meaning, Query... queries) {
    return new Panel(title, meaning, unit, 12, Kind.TIMESERIES, List.of(queries));
  }

  static Query q(String legend, String expression) {
    return new Query(legend, expression);
  }
}
