package io.aetherflow.gateway;

import io.aetherflow.runtime.trace.Span;
import io.aetherflow.runtime.trace.TraceParent;
import java.security.SecureRandom;
import java.util.UUID;

/** Request identifiers: UUIDv7, whose 128 bits are also the W3C trace id. */
public final class RequestId {
  private static final SecureRandom RANDOM = new SecureRandom();

  private RequestId() {}

  public static UUID create() {
    byte[] bits = new byte[10];
    RANDOM.nextBytes(bits);
    long high = System.currentTimeMillis() << 16 | 0x7000L | (bits[0] & 0x0F) << 8 | bits[1] & 0xFF;
    long low = 0;
    for (int i = 2; i < bits.length; i++) {
      low = low << 8 | bits[i] & 0xFF;
    }
    return new UUID(high, low & 0x3FFF_FFFF_FFFF_FFFFL | 0x8000_0000_0000_0000L);
  }

  /** The traceparent header of a request that starts here and is recorded as a span, or not. */
  public static String traceparent(String id, Span span) {
    return span.recorded()
        ? new TraceParent(id, span.id(), true).header()
        : new TraceParent(id, RANDOM.nextLong() | 1, false).header();
  }
}
