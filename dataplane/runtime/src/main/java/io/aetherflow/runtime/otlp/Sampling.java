package io.aetherflow.runtime.otlp;

import io.aetherflow.runtime.trace.Guuid;
import java.util.HexFormat;

/**
 * Which requests are recorded: those whose GUUID's last 56 bits, which are random in a UUIDv7, are
 * at least a threshold. It is the rule of OpenTelemetry's consistent probability sampling, so a
 * collector or another SDK with the same ratio chooses the same.
 */
record Sampling(long threshold) {
  private static final int RANDOM_BITS = 56;

  /** In a UUID's text: the last two digits of its fourth group, and its fifth. */
  private static final int HIGH = 21;

  private static final int LOW = 24;
  private static final int LOW_BITS = 48;

  static Sampling of(double ratio) {
    return new Sampling(Math.round((1 - ratio) * (1L << RANDOM_BITS)));
  }

  boolean records(String guuid) {
    if (!Guuid.valid(guuid)) {
      return false;
    }
    long random =
        HexFormat.fromHexDigitsToLong(guuid, HIGH, HIGH + 2) << LOW_BITS
            | HexFormat.fromHexDigitsToLong(guuid, LOW, guuid.length());
    return random >= threshold;
  }
}
