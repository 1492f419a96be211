package io.aetherflow.bench.report;

import java.util.List;
import java.util.Locale;

/** Horizontal bars as SVG whose colours follow the reader's light or dark scheme. */
final class BarPlot {
  private static final int WIDTH = 760;
  private static final int LABEL_WIDTH = 250;
  private static final int BAR_WIDTH_MAX = 400;
  private static final int ROW_HEIGHT = 26;
  private static final int TOP = 40;

  /** A bar so many times longer than the shortest is cut, or the others could not be told apart. */
  private static final double CUT = 8;

  /**
   * @param value may be infinite
   */
  record Bar(String label, double value) {}

  private BarPlot() {}

  static String of(String title, String unit, List<Bar> bars) {
    double least = bars.stream().mapToDouble(Bar::value).filter(v -> v > 0).min().orElse(1);
    double most = bars.stream().mapToDouble(Bar::value).filter(Double::isFinite).max().orElse(1);
    double full = Math.max(Math.min(most, least * CUT), Double.MIN_NORMAL);
    StringBuilder svg = new StringBuilder();
    svg.append(head(title, TOP + bars.size() * ROW_HEIGHT + ROW_HEIGHT / 2));
    for (int i = 0; i < bars.size(); i++) {
      Bar bar = bars.get(i);
      int y = TOP + i * ROW_HEIGHT;
      boolean cut = bar.value() > full;
      long width = Math.round(BAR_WIDTH_MAX * Math.min(1, bar.value() / full));
      svg.append(
          "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>%n"
              .formatted(LABEL_WIDTH - 8, y + 15, escaped(bar.label())));
      svg.append(
          "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"18\" rx=\"2\"/>%n"
              .formatted(cut ? "bar cut" : "bar", LABEL_WIDTH, y + 1, width));
      svg.append(
          "<text x=\"%d\" y=\"%d\">%s</text>%n"
              .formatted(LABEL_WIDTH + width + 6, y + 15, number(bar.value(), unit)));
    }
    return svg.append("</svg>\n").toString();
  }

  private static String head(String title, int height) {
    return """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img">
    <title>%s</title>
    <style>
    text { font: 13px sans-serif; fill: #24292f; }
    .bar { fill: #2f6fb3; }
    .cut { fill-opacity: 0.45; }
    @media (prefers-color-scheme: dark) { text { fill: #d0d7de; } .bar { fill: #6cb0f5; } }
    </style>
    <text x="8" y="22" font-weight="bold">%s</text>
    """
        .formatted(WIDTH, height, escaped(title), escaped(title));
  }

  private static String number(double value, String unit) {
    return Double.isInfinite(value)
        ? "calls failed"
        : String.format(Locale.ROOT, value < 100 ? "%.1f %s" : "%.0f %s", value, unit);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
