package io.aetherflow.quantum;

/**
 * What an operator may change on open connections. Immutable.
 *
 * @param fecMode when parity is sent
 * @param groupSize N, most sources per parity group, 1 to 64
 * @param ratioPercent parity per source in percent, 0 to 100: exact in FIXED, a cap in ADAPTIVE
 * @param flushMillis the longest that a group stays open, 1 to 1000
 * @param startupGainPercent pacing gain of the congestion control's start-up, 100 to 1000
 * @param maxCwndPackets cap of the congestion window, 4 to 1,048,576
 */
public record TransportTuning(
    FecMode fecMode,
    int groupSize,
    int ratioPercent,
    int flushMillis,
    int startupGainPercent,
    int maxCwndPackets) {
  /** The defaults of the cluster resource. */
  public static final TransportTuning DEFAULT =
      new TransportTuning(FecMode.ADAPTIVE, 10, 30, 4, 277, 65_536);

  /** When parity is sent. */
  public enum FecMode {
    /** As much as the measured loss asks for. */
    ADAPTIVE,
    /** Always the ratio. */
    FIXED,
    /** Never. */
    OFF
  }

  /** Checks ranges; the message says what is allowed. */
  public TransportTuning {
    check("groupSize", groupSize, 1, 64);
    check("ratioPercent", ratioPercent, 0, 100);
    check("flushMillis", flushMillis, 1, 1000);
    check("startupGainPercent", startupGainPercent, 100, 1000);
    check("maxCwndPackets", maxCwndPackets, 4, 1 << 20);
  }

  private static void check(String name, int value, int min, int max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          name + " must be " + min + " to " + max + ", not " + value);
    }
  }

  public TransportTuning withFec(FecMode mode, int groupSize, int ratioPercent) {
    return new TransportTuning(
        mode, groupSize, ratioPercent, flushMillis, startupGainPercent, maxCwndPackets);
  }

  public TransportTuning withMaxCwndPackets(int packets) {
    return new TransportTuning(
        fecMode, groupSize, ratioPercent, flushMillis, startupGainPercent, packets);
  }
}
