package io.aetherflow.gateway.cluster;

import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Some meters of one pod, each summed over its labels, as read from Prometheus' text format.
 *
 * @param values counters and gauges by name
 * @param histograms cumulated counts by upper bound in seconds, by name
 */
record Meters(
    SortedMap<String, Double> values, SortedMap<String, SortedMap<Double, Double>> histograms) {

  private static final String BUCKET = "_bucket";

  /**
   * @param values names of counters and gauges wanted
   * @param histograms names of histograms wanted, without a suffix
   */
  static Meters parse(String text, Set<String> values, Set<String> histograms) {
    Meters found = new Meters(new TreeMap<>(), new TreeMap<>());
    text.lines().forEach(line -> found.add(line, values, histograms));
    return found;
  }

  private void add(String line, Set<String> wantedValues, Set<String> wantedHistograms) {
    int brace = line.indexOf('{');
    int space = line.lastIndexOf(' ');
    if (line.startsWith("#") || space < 1) {
      return;
    }
    String name = line.substring(0, brace < 0 ? line.indexOf(' ') : brace);
    String histogram =
        name.endsWith(BUCKET) ? name.substring(0, name.length() - BUCKET.length()) : "";
    try {
      if (wantedValues.contains(name)) {
        values.merge(name, number(line.substring(space + 1)), Double::sum);
      } else if (wantedHistograms.contains(histogram)) {
        histograms
            .computeIfAbsent(histogram, _ -> new TreeMap<>())
            .merge(upperBound(line), number(line.substring(space + 1)), Double::sum);
      }
    } catch (NumberFormatException e) {
      // A line of another make; the meters that can be read are worth showing.
    }
  }

  private static double upperBound(String line) {
    int from = line.indexOf("le=\"") + 4;
    return number(line.substring(from, Math.max(from, line.indexOf('"', from))));
  }

  private static double number(String text) {
    return switch (text) {
      case "+Inf" -> Double.POSITIVE_INFINITY;
      case "NaN" -> 0;
      default -> Double.parseDouble(text);
    };
  }
}
