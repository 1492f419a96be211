package io.aetherflow.runtime.trace;

import io.grpc.Context;
import io.grpc.Metadata;
import java.time.Clock;
import java.util.UUID;
import java.util.random.RandomGenerator;

/** Request identifiers: UUIDv7 (RFC 9562, section 5.7). */
public final class Guuid {
  /** Carries the GUUID between pods. */
  public static final Metadata.Key<String> HEADER =
      Metadata.Key.of("guuid", Metadata.ASCII_STRING_MARSHALLER);

  /** W3C Trace Context; its trace id is the GUUID without dashes. */
  public static final Metadata.Key<String> TRACEPARENT =
      Metadata.Key.of("traceparent", Metadata.ASCII_STRING_MARSHALLER);

  /** The GUUID of the call being served. */
  public static final Context.Key<String> CURRENT = Context.key("guuid");

  /** Name of the GUUID in the log. */
  public static final String MDC_KEY = "guuid";

  private static final int LENGTH_CHARS = 36;

  private final Clock clock;
  private final RandomGenerator random;

  /**
   * @param random must not be guessable where GUUIDs reach strangers
   */
  public Guuid(Clock clock, RandomGenerator random) {
    this.clock = clock;
    this.random = random;
  }

  /** A new one; those made later sort after, to the millisecond. */
  public String create() {
    long millis = clock.millis();
    long high = (millis << 16) | 0x7000L | (random.nextLong() & 0x0FFFL);
    long low = (random.nextLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
    return new UUID(high, low).toString();
  }

  /** Whether the text has the form of a UUID: whatever else a peer sends is not passed on. */
  public static boolean valid(String text) {
    if (text == null || text.length() != LENGTH_CHARS) {
      return false;
    }
    try {
      return UUID.fromString(text).toString().equals(text);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
