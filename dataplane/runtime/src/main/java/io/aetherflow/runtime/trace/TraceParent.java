package io.aetherflow.runtime.trace;

import java.util.HexFormat;
import java.util.Optional;

/**
 * The {@code traceparent} header of W3C Trace Context, section 3.2.
 *
 * @param guuid the trace id, with dashes
 * @param span the caller's step; not 0
 * @param recorded whether the caller records the request
 */
public record TraceParent(String guuid, long span, boolean recorded) {
  private static final HexFormat HEX = HexFormat.of();
  private static final int LENGTH_CHARS = 55;
  private static final int TRACE = 3;
  private static final int SPAN = 36;
  private static final int FLAGS = 53;
  private static final int RECORDED = 1;

  /** Empty for anything but a header of version 00. */
  public static Optional<TraceParent> parse(String header) {
    if (header == null
        || header.length() != LENGTH_CHARS
        || !header.startsWith("00-")
        || header.charAt(SPAN - 1) != '-'
        || header.charAt(FLAGS - 1) != '-') {
      return Optional.empty();
    }
    String guuid =
        String.join(
            "-",
            header.substring(TRACE, TRACE + 8),
            header.substring(TRACE + 8, TRACE + 12),
            header.substring(TRACE + 12, TRACE + 16),
            header.substring(TRACE + 16, TRACE + 20),
            header.substring(TRACE + 20, SPAN - 1));
    try {
      long span = HexFormat.fromHexDigitsToLong(header, SPAN, FLAGS - 1);
      int flags = HexFormat.fromHexDigits(header, FLAGS, LENGTH_CHARS);
      return span != 0 && Guuid.valid(guuid)
          ? Optional.of(new TraceParent(guuid, span, (flags & RECORDED) != 0))
          : Optional.empty();
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** As it is sent. */
  public String header() {
    return "00-"
        + guuid.replace("-", "")
        + "-"
        + HEX.toHexDigits(span)
        + (recorded ? "-01" : "-00");
  }
}
