package io.aetherflow.bench.options;

/** How much may wait for the bottleneck, in bandwidth-delay products or in full packets. */
public sealed interface QueueSize {
  int PACKET_BYTES = 1500;

  /** A shorter queue would drop what one paced burst of a sender brings. */
  int PACKETS_MIN = 64;

  /** {@code 1bdp}, {@code 0.1bdp} or {@code 200packets}. */
  static QueueSize parse(String text) {
    try {
      if (text.endsWith("bdp")) {
        return new Bdp(positive(text.substring(0, text.length() - "bdp".length())));
      }
      if (text.endsWith("packets")) {
        String number = text.substring(0, text.length() - "packets".length());
        return new Packets(Math.toIntExact(Math.round(positive(number))));
      }
    } catch (NumberFormatException e) {
      // Falls through to the sentence below.
    }
    throw new IllegalArgumentException(
        "'" + text + "' is not a queue such as 1bdp, 0.1bdp or 200packets.");
  }

  private static double positive(String number) {
    double value = Double.parseDouble(number);
    if (!(value > 0 && value <= Integer.MAX_VALUE)) {
      throw new NumberFormatException(number);
    }
    return value;
  }

  long bytes(long rateBitsPerSecond, long rttNs);

  /** At least {@link #PACKETS_MIN} packets where the share is a whole product or more. */
  record Bdp(double products) implements QueueSize {
    private static final double BITS_TIMES_NANOS = 8e9;

    @Override
    public long bytes(long rateBitsPerSecond, long rttNs) {
      long bytes = Math.round(products * rateBitsPerSecond * rttNs / BITS_TIMES_NANOS);
      return products >= 1 ? Math.max(bytes, (long) PACKETS_MIN * PACKET_BYTES) : bytes;
    }

    @Override
    public String toString() {
      return trimmed(products) + "bdp";
    }

    private static String trimmed(double number) {
      return number == Math.rint(number) ? String.valueOf((long) number) : String.valueOf(number);
    }
  }

  /** So many packets of full size. */
  record Packets(int count) implements QueueSize {
    @Override
    public long bytes(long rateBitsPerSecond, long rttNs) {
      return (long) count * PACKET_BYTES;
    }

    @Override
    public String toString() {
      return count + "packets";
    }
  }
}
