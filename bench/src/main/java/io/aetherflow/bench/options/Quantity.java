package io.aetherflow.bench.options;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Numbers with units as network tools write them: {@code 50ms}, {@code 2%}, {@code 100mbit}. A text
 * that is none is an {@link IllegalArgumentException} whose message is one sentence.
 */
public final class Quantity {
  private static final Pattern NUMBER_UNIT = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)([a-z%]*)");

  private static final Map<String, Double> NANOS_PER_UNIT = Map.of("us", 1e3, "ms", 1e6, "s", 1e9);
  private static final Map<String, Double> BITS_PER_UNIT =
      Map.of("kbit", 1e3, "mbit", 1e6, "gbit", 1e9);
  private static final double PERCENT = 100;

  private Quantity() {}

  /** Nanoseconds. */
  public static long durationNs(String text) {
    return Math.round(scaled(text, NANOS_PER_UNIT, "a time such as 50ms, 500us or 2s"));
  }

  /** Bits per second. */
  public static long bitsPerSecond(String text) {
    return Math.round(scaled(text, BITS_PER_UNIT, "a rate such as 100mbit, 64kbit or 1gbit"));
  }

  /** A share, 0 to below 1. */
  public static double share(String text) {
    double share = scaled(text, Map.of("%", 1 / PERCENT), "a share such as 2% or 0.5%");
    if (share >= 1) {
      throw new IllegalArgumentException("'" + text + "' is too much: below 100% is possible.");
    }
    return share;
  }

  private static double scaled(String text, Map<String, Double> units, String wanted) {
    Matcher matcher = NUMBER_UNIT.matcher(text);
    if (!matcher.matches() || !units.containsKey(matcher.group(2))) {
      throw new IllegalArgumentException("'" + text + "' is not " + wanted + ".");
    }
    return Double.parseDouble(matcher.group(1)) * units.get(matcher.group(2));
  }
}
