package io.aetherflow.quantum.congestion;

/**
 * The outputs: window, pacing rate and burst size (section "Updating Control Parameters"). Not
 * thread-safe.
 */
final class SendControl {
  /** RFC 9002 section 7.2. */
  private static final int INITIAL_PACKETS = 10;

  private static final int INITIAL_BYTES = 14_720;

  /** Enough to keep data and acknowledgements flowing (BBR.MinPipeCwnd). */
  private static final int MIN_PACKETS = 4;

  /**
   * Paces 1 % below the bandwidth, so that queues shrink (BBR.PacingMarginPercent), or less by what
   * the path loses anyway: the bandwidth is that of what arrives, so the link carries that much
   * more.
   */
  private static final double MARGIN_SHARE = 0.01;

  /** What of it stays, for losses that a policer makes look like the path's own. */
  private static final double MARGIN_SHARE_MIN = 0.005;

  private static final long QUANTUM_NS = 1_000_000;
  private static final int QUANTUM_BYTES_MAX = 65_536;

  /** Assumed round trip for pacing before the first sample (InitPacingRate). */
  private static final long RTT_ASSUMED_NS = 1_000_000;

  private int mtuBytes;
  private int maxPackets = Integer.MAX_VALUE;
  private long windowBytes;
  private long priorWindowBytes;
  private long pacingRate;
  private boolean limitedThisRound;
  private boolean limitedLastRound;

  SendControl(int mtuBytes) {
    this.mtuBytes = mtuBytes;
    windowBytes = initialWindowBytes();
  }

  void setMtu(int bytes) {
    mtuBytes = bytes;
    windowBytes = Math.max(windowBytes, minWindowBytes());
  }

  void setMaxPackets(int packets) {
    maxPackets = packets;
  }

  /** Paces the initial window over a round trip, 0 if unknown, times the Startup gain. */
  void initPacing(long rttNs, int gainPercent) {
    double perSecond = 1e9 / (rttNs == 0 ? RTT_ASSUMED_NS : rttNs);
    pacingRate = (long) (initialWindowBytes() * perSecond * gainPercent / 100);
  }

  /** A new gain takes the place of the old one at once, though Startup's rate never falls. */
  void scalePacing(int gainPercent, int oldGainPercent) {
    pacingRate = (long) (pacingRate * ((double) gainPercent / oldGainPercent));
  }

  void setPacing(long bandwidth, int gainPercent, double background, boolean mayFall) {
    double margin = Math.max(MARGIN_SHARE - background, MARGIN_SHARE_MIN);
    long rate = (long) (bandwidth * (gainPercent / 100.0) * (1 - margin));
    if (rate > 0 && (mayFall || rate > pacingRate)) {
      pacingRate = rate;
    }
  }

  /** Grows by what was acknowledged, up to the model's volume and down to the phase's cap. */
  void setWindow(PathModel model, Phase phase) {
    long acked = model.sample.newlyAcked();
    long volume = model.bdpBytes(phase.windowGainPercent()) + model.aggregation.extraBytes();
    volume = withBursts(volume) + phase.burstPackets() * (long) mtuBytes;
    if (model.fullPipe.reached()) {
      windowBytes = Math.min(windowBytes + acked, volume);
    } else if (windowBytes < volume || model.sample.delivered() < initialWindowBytes()) {
      windowBytes += acked;
    }
    windowBytes = Math.max(windowBytes, minWindowBytes());
    windowBytes = Math.min(windowBytes, phase.windowCapBytes(model));
  }

  void onSent(long bytesInFlight) {
    limitedThisRound |= bytesInFlight + mtuBytes > limitBytes();
  }

  void onRound() {
    limitedLastRound = limitedThisRound;
    limitedThisRound = false;
  }

  /** Whether the window held the connection back within the last round trip. */
  boolean isWindowLimited() {
    return limitedThisRound || limitedLastRound;
  }

  void save(boolean unmodulated) {
    priorWindowBytes = unmodulated ? windowBytes : Math.max(priorWindowBytes, windowBytes);
  }

  void restore() {
    windowBytes = Math.max(windowBytes, priorWindowBytes);
  }

  void collapse() {
    windowBytes = minWindowBytes();
  }

  /** At least a burst and the least window. */
  long withBursts(long bytes) {
    return Math.max(Math.max(bytes, quantumBytes()), minWindowBytes());
  }

  int quantumBytes() {
    long bytes = Math.min(PathModel.volume(pacingRate, QUANTUM_NS), QUANTUM_BYTES_MAX);
    return (int) Math.max(bytes, 2L * mtuBytes);
  }

  long pacingRate() {
    return pacingRate;
  }

  long initialWindowBytes() {
    long bytes = Math.max(INITIAL_BYTES, 2L * mtuBytes);
    return Math.min((long) INITIAL_PACKETS * mtuBytes, bytes);
  }

  long minWindowBytes() {
    return (long) MIN_PACKETS * mtuBytes;
  }

  /** The model's window, before the tuned limit. */
  long windowBytes() {
    return windowBytes;
  }

  /** The window that the connection must obey. */
  long limitBytes() {
    return Math.min(windowBytes, (long) maxPackets * mtuBytes);
  }

  int mtuBytes() {
    return mtuBytes;
  }
}
