package io.aetherflow.quantum.fec;

/**
 * How much the path loses, and in what bursts: the share of packets lost or recovered among those
 * whose fate is known, averaged over recent packets. A new connection, and one that was silent for
 * long, expects a lossy path until it has seen otherwise, for its first losses come before any
 * estimate. Allocates nothing. Not thread-safe.
 */
public final class LossEstimator {
  /**
   * Packets over which the past fades. Two losses in a row of a few hundred show at once, and the
   * estimate of 2 % loss scatters by 0.4 %, less than the steps of parity.
   */
  private static final int WINDOW_PACKETS = 512;

  /**
   * What a connection expects before it knows: one loss in 50, at which a lone packet gets two
   * copies. About 320 packets without loss refute it.
   */
  private static final double EXPECTED_LOST = 1;

  private static final double EXPECTED_PACKETS = 50;

  /**
   * Time in which knowledge fades back to the expectation. Below 8 packets per second it never gets
   * far from it: there parity costs next to nothing, and each loss is noticed.
   */
  private static final double FADE_NS = 60e9;

  /** Fading in steps of this keeps it off the packet path. */
  private static final long FADE_STEP_NS = 1_000_000_000;

  /**
   * Losses no further apart belong to one burst. A pure acknowledgement between two packets takes a
   * number of its own, and its loss is never known.
   */
  private static final int BURST_GAP = 2;

  /** Bursts over which their length is averaged. */
  private static final int WINDOW_BURSTS = 8;

  private double lost = EXPECTED_LOST;
  private double packets = EXPECTED_PACKETS;
  private long fadedNs;
  private boolean fed;
  private long lastLost = -BURST_GAP - 1;
  private int burst;
  private double meanBurst = 1;

  /** The peer has a packet. */
  public void onAcked(long nowNs) {
    settle(0, nowNs);
  }

  /** A packet was lost, or the peer rebuilt it from parity; at most one call per number. */
  public void onLost(long number, long nowNs) {
    settle(1, nowNs);
    if (Math.abs(number - lastLost) <= BURST_GAP) {
      burst++;
    } else {
      endBurst();
      burst = 1;
    }
    lastLost = number;
  }

  /** A packet that counted as lost has arrived after all. */
  public void onSpuriousLoss() {
    lost = Math.max(lost - 1, 0);
  }

  private void settle(int loss, long nowNs) {
    advance(nowNs);
    lost += loss - lost / WINDOW_PACKETS;
    packets += 1 - packets / WINDOW_PACKETS;
  }

  private void endBurst() {
    if (burst > 0) {
      meanBurst += (burst - meanBurst) / WINDOW_BURSTS;
    }
  }

  /** Lets time pass; a clock that jumped back changes nothing. */
  public void advance(long nowNs) {
    if (!fed) {
      fed = true;
      fadedNs = nowNs;
    }
    long elapsedNs = nowNs - fadedNs;
    if (elapsedNs < FADE_STEP_NS) {
      return;
    }
    fadedNs = nowNs;
    double kept = Math.exp(-elapsedNs / FADE_NS);
    lost = EXPECTED_LOST + (lost - EXPECTED_LOST) * kept;
    packets = EXPECTED_PACKETS + (packets - EXPECTED_PACKETS) * kept;
  }

  /** Share of packets lost, 0 to 1. */
  public double lossShare() {
    return lost / packets;
  }

  /** Average length of recent bursts, in packets; 1 if losses stand alone. */
  public double meanBurstPackets() {
    return Math.max(meanBurst, meanBurst + (burst - meanBurst) / WINDOW_BURSTS);
  }
}
