package io.aetherflow.quantum.congestion;

import java.util.SplittableRandom;

/**
 * A peer for fairness tests: the first BBR, as Linux's tcp_bbr has it (2016 paper, kernel 6.x). It
 * answers loss only by a round of packet conservation and fills up to two bandwidth-delay products.
 * Its policer detection is left out: that needs 20 % of loss.
 */
final class BbrV1 implements CongestionController {
  private enum Mode {
    STARTUP,
    DRAIN,
    PROBE_BW,
    PROBE_RTT
  }

  private static final double HIGH_GAIN = 2.885;
  private static final double WINDOW_GAIN = 2;
  private static final double[] CYCLE = {1.25, 0.75, 1, 1, 1, 1, 1, 1};
  private static final double MARGIN = 0.01;
  private static final double STARTUP_GROWTH = 1.25;
  private static final int FULL_ROUNDS = 3;
  private static final int BANDWIDTH_ROUNDS = 10;
  private static final long MIN_RTT_WINDOW_NS = 10_000_000_000L;
  private static final long PROBE_RTT_NS = 200_000_000;
  private static final int MIN_PACKETS = 4;
  private static final int INITIAL_PACKETS = 10;

  private final SplittableRandom random;
  private final int mtu;
  private final DeliverySampler sample = new DeliverySampler();
  private final RoundCounter rounds = new RoundCounter();
  private final long[] bandwidths = new long[BANDWIDTH_ROUNDS];
  private Mode mode = Mode.STARTUP;
  private double pacingGain = HIGH_GAIN;
  private double windowGain = HIGH_GAIN;
  private long window;
  private long priorWindow;
  private long pacingRate;
  private long minRttNs = Long.MAX_VALUE;
  private long minRttStampNs;
  private long fullBandwidth;
  private int fullRounds;
  private boolean full;
  private int cycleIndex;
  private long cycleStartNs;
  private long probeRttDoneNs;
  private boolean probeRttRoundDone;
  private long lost;
  private long recoveryFromNs = -1;
  private boolean conserving;
  private long latestAckedSentNs;

  BbrV1(long seed, int mtu) {
    random = new SplittableRandom(seed);
    this.mtu = mtu;
    window = (long) INITIAL_PACKETS * mtu;
    pacingRate = (long) (window * 1000 * HIGH_GAIN);
  }

  @Override
  public void onPacketSent(
      long number, int bytes, long nowNs, boolean appLimited, long bytesInFlight) {
    sample.onSent(number, bytes, nowNs, bytesInFlight);
  }

  @Override
  public void onAcked(long number, int bytes, long sentNs, long nowNs) {
    latestAckedSentNs = Math.max(latestAckedSentNs, sentNs);
    sample.onAcked(number, bytes, sentNs, nowNs);
  }

  @Override
  public void onLost(long number, int bytes, long sentNs, long nowNs) {
    lost += bytes;
    sample.closeLost(sample.onLost(number, bytes));
  }

  @Override
  public void onSpuriousLoss(long number, int bytes, long nowNs) {
    sample.onSpuriousLoss(bytes, nowNs);
  }

  @Override
  public void onAckEventEnd(
      long nowNs, long bytesInFlight, long latestRttNs, long minRttNs, long smoothedRttNs) {
    if (!sample.endBatch(0)) {
      return;
    }
    updateBandwidth();
    updateCycle(nowNs, bytesInFlight);
    updateFullPipe();
    updateDrain(nowNs, bytesInFlight);
    updateMinRtt(nowNs, bytesInFlight);
    setPacing();
    setWindow(nowNs, bytesInFlight);
    lost = 0;
  }

  private void updateBandwidth() {
    rounds.update(sample.priorDelivered(), sample.delivered());
    int slot = (int) (rounds.count() % BANDWIDTH_ROUNDS);
    if (rounds.started()) {
      bandwidths[slot] = 0;
      conserving = false;
    }
    if (!sample.sampleAppLimited() || sample.rate() >= bandwidth()) {
      bandwidths[slot] = Math.max(bandwidths[slot], sample.rate());
    }
  }

  private void updateCycle(long nowNs, long inFlight) {
    if (mode != Mode.PROBE_BW) {
      return;
    }
    boolean longEnough = nowNs - cycleStartNs > minRttNs;
    boolean next =
        pacingGain > 1
            ? longEnough && (lost > 0 || inFlight >= volume(pacingGain))
            : longEnough || pacingGain < 1 && inFlight <= volume(1);
    if (next) {
      setCycle((cycleIndex + 1) % CYCLE.length, nowNs);
    }
  }

  private void setCycle(int index, long nowNs) {
    cycleIndex = index;
    cycleStartNs = nowNs;
    pacingGain = CYCLE[index];
  }

  private void updateFullPipe() {
    if (full || !rounds.started() || sample.sampleAppLimited()) {
      return;
    }
    if (bandwidth() >= fullBandwidth * STARTUP_GROWTH) {
      fullBandwidth = bandwidth();
      fullRounds = 0;
      return;
    }
    fullRounds++;
    full = fullRounds >= FULL_ROUNDS;
  }

  private void updateDrain(long nowNs, long inFlight) {
    if (mode == Mode.STARTUP && full) {
      mode = Mode.DRAIN;
      pacingGain = 1 / HIGH_GAIN;
    }
    if (mode == Mode.DRAIN && inFlight <= volume(1)) {
      enterProbeBandwidth(nowNs);
    }
  }

  /** Any phase but the one that drains, at random. */
  private void enterProbeBandwidth(long nowNs) {
    mode = Mode.PROBE_BW;
    windowGain = WINDOW_GAIN;
    setCycle((2 + random.nextInt(CYCLE.length - 1)) % CYCLE.length, nowNs);
  }

  private void updateMinRtt(long nowNs, long inFlight) {
    boolean expired = minRttStampNs != 0 && nowNs > minRttStampNs + MIN_RTT_WINDOW_NS;
    if (sample.rttNs() <= minRttNs || expired) {
      minRttNs = sample.rttNs();
      minRttStampNs = nowNs;
    }
    if (expired && mode != Mode.PROBE_RTT) {
      mode = Mode.PROBE_RTT;
      pacingGain = 1;
      windowGain = 1;
      priorWindow = window;
      probeRttDoneNs = 0;
    }
    if (mode == Mode.PROBE_RTT) {
      probeRtt(nowNs, inFlight);
    }
  }

  private void probeRtt(long nowNs, long inFlight) {
    sample.markAppLimited(inFlight);
    if (probeRttDoneNs == 0) {
      if (inFlight <= (long) MIN_PACKETS * mtu) {
        probeRttDoneNs = nowNs + PROBE_RTT_NS;
        probeRttRoundDone = false;
        rounds.restart(sample.delivered());
      }
      return;
    }
    probeRttRoundDone |= rounds.started();
    if (!probeRttRoundDone || nowNs <= probeRttDoneNs) {
      return;
    }
    minRttStampNs = nowNs;
    window = Math.max(window, priorWindow);
    if (full) {
      enterProbeBandwidth(nowNs);
    } else {
      mode = Mode.STARTUP;
      pacingGain = HIGH_GAIN;
      windowGain = HIGH_GAIN;
    }
  }

  private void setPacing() {
    long rate = (long) (bandwidth() * pacingGain * (1 - MARGIN));
    if (rate > 0 && (full || rate > pacingRate)) {
      pacingRate = rate;
    }
  }

  private void setWindow(long nowNs, long inFlight) {
    long acked = sample.newlyAcked();
    window = Math.max(window - lost, mtu);
    if (!recovers(nowNs, inFlight, acked)) {
      long target = volume(windowGain) + 3L * sendQuantumBytes();
      if (full) {
        window = Math.min(window + acked, target);
      } else if (window < target || sample.delivered() < (long) INITIAL_PACKETS * mtu) {
        window += acked;
      }
      window = Math.max(window, (long) MIN_PACKETS * mtu);
    }
    if (mode == Mode.PROBE_RTT) {
      window = Math.min(window, (long) MIN_PACKETS * mtu);
    }
  }

  /** A round in which as much leaves as arrives; afterwards the window is what it was. */
  private boolean recovers(long nowNs, long inFlight, long acked) {
    if (recoveryFromNs < 0 && lost > 0) {
      recoveryFromNs = nowNs;
      priorWindow = mode == Mode.PROBE_RTT ? Math.max(priorWindow, window) : window + lost;
      conserving = true;
      rounds.restart(sample.delivered());
      window = inFlight + acked;
    } else if (recoveryFromNs >= 0 && lost == 0 && latestAckedSentNs > recoveryFromNs) {
      recoveryFromNs = -1;
      conserving = false;
      window = Math.max(window, priorWindow);
    }
    if (conserving) {
      window = Math.max(window, inFlight + acked);
    }
    return conserving;
  }

  private long bandwidth() {
    long max = 0;
    for (long each : bandwidths) {
      max = Math.max(max, each);
    }
    return max;
  }

  private long volume(double gain) {
    return minRttNs == Long.MAX_VALUE
        ? (long) INITIAL_PACKETS * mtu
        : (long) (PathModel.volume(bandwidth(), minRttNs) * gain);
  }

  @Override
  public long congestionWindowBytes() {
    return window;
  }

  @Override
  public long pacingRateBytesPerSecond() {
    return pacingRate;
  }

  @Override
  public int sendQuantumBytes() {
    return (int) Math.clamp(pacingRate / 1000, 2L * mtu, 1L << 16);
  }

  @Override
  public void onPersistentCongestion(long nowNs) {}

  @Override
  public void onMtuChanged(int bytes) {}

  @Override
  public void onAppLimited(long bytesInFlight) {}

  @Override
  public void setTuning(int startupGainPercent, int maxCwndPackets) {}

  @Override
  public String phaseName() {
    return mode.name();
  }
}
