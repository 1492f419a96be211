package io.aetherflow.quantum.congestion;

/**
 * Samples the delivery rate (section "Delivery Rate Samples"): over the time in which a packet was
 * acknowledged, how much was delivered, divided by the longer of the time it took to send that and
 * the time it took to be acknowledged. One sample per acknowledgement, of the newest packet in it.
 * Not thread-safe.
 */
final class DeliverySampler {
  static final long UNKNOWN = -1;
  private static final double NS_PER_SECOND = 1e9;

  /**
   * After this long without a packet the ring is given back. A keep-alive (15 s) meets it, a pause
   * within a conversation does not.
   */
  private static final long IDLE_NS = 5_000_000_000L;

  private final SentRing ring = new SentRing();

  private long delivered;
  private long deliveredNs;
  private long lost;
  private long firstSentNs;
  private long lastSentNs;
  private long appLimitedUntil;

  private boolean batchOpen;
  private long newlyAcked;
  private long newestNumber;
  private long newestSentNs;
  private long rttNs = UNKNOWN;
  private long priorDelivered;
  private long priorLost;
  private long sendElapsedNs;
  private long ackElapsedNs;
  private long txInFlight;
  private boolean sampleAppLimited;
  private long sampleDelivered;
  private long rate;

  void onSent(long number, int bytes, long nowNs, long bytesInFlight) {
    if (bytesInFlight <= bytes) {
      if (nowNs - lastSentNs > IDLE_NS) {
        ring.shrink();
      }
      firstSentNs = nowNs;
      deliveredNs = nowNs;
    }
    lastSentNs = nowNs;
    int slot = ring.open(number);
    ring.set(slot, delivered, deliveredNs, firstSentNs, lost, bytesInFlight);
    ring.setAppLimited(slot, isAppLimited());
  }

  void onAcked(long number, int bytes, long sentNs, long nowNs) {
    if (!batchOpen) {
      openBatch();
    }
    delivered += bytes;
    newlyAcked += bytes;
    deliveredNs = nowNs;
    int slot = ring.find(number);
    if (slot < 0) {
      return;
    }
    if (rttNs == UNKNOWN
        || sentNs > newestSentNs
        || sentNs == newestSentNs && number > newestNumber) {
      takeNewest(slot, number, sentNs, nowNs);
    }
    ring.close(slot);
  }

  private void openBatch() {
    batchOpen = true;
    newlyAcked = 0;
    rttNs = UNKNOWN;
  }

  private void takeNewest(int slot, long number, long sentNs, long nowNs) {
    newestNumber = number;
    newestSentNs = sentNs;
    rttNs = Math.max(nowNs - sentNs, 1);
    priorDelivered = delivered - ring.deliveredSince(slot, delivered);
    priorLost = lost - ring.lostSince(slot, lost);
    sendElapsedNs = sentNs - ring.firstSentNs(slot);
    ackElapsedNs = nowNs - ring.deliveredNs(slot);
    txInFlight = ring.inFlight(slot);
    sampleAppLimited = ring.appLimited(slot);
  }

  /**
   * Counts a loss.
   *
   * @return the packet's slot for the getters below, to be given to {@link #closeLost}, or -1
   */
  int onLost(long number, int bytes) {
    lost += bytes;
    return ring.find(number);
  }

  /** A packet counted as lost was delivered; it makes no sample, but belongs into others. */
  void onSpuriousLoss(int bytes, long nowNs) {
    delivered += bytes;
    deliveredNs = nowNs;
    lost -= bytes;
  }

  void closeLost(int slot) {
    if (slot >= 0) {
      ring.close(slot);
    }
  }

  long lostSince(int slot) {
    return ring.lostSince(slot, lost);
  }

  long inFlightAt(int slot) {
    return ring.inFlight(slot);
  }

  boolean appLimitedAt(int slot) {
    return ring.appLimited(slot);
  }

  /**
   * Ends a batch and makes its sample.
   *
   * @param minRttNs samples over a shorter time come from bunched acknowledgements and give no rate
   * @return whether anything was acknowledged that a sample can be made of
   */
  boolean endBatch(long minRttNs) {
    if (appLimitedUntil != 0 && delivered > appLimitedUntil) {
      appLimitedUntil = 0;
    }
    boolean any = batchOpen && rttNs != UNKNOWN;
    batchOpen = false;
    if (!any) {
      return false;
    }
    firstSentNs = Math.max(firstSentNs, newestSentNs);
    sampleDelivered = delivered - priorDelivered;
    long intervalNs = Math.max(sendElapsedNs, ackElapsedNs);
    rate =
        intervalNs < Math.max(minRttNs, 1)
            ? 0
            : (long) (sampleDelivered * NS_PER_SECOND / intervalNs);
    return true;
  }

  /** Until what is now in flight has been delivered, samples show the application's rate. */
  void markAppLimited(long bytesInFlight) {
    appLimitedUntil = Math.max(delivered + bytesInFlight, 1);
  }

  boolean isAppLimited() {
    return appLimitedUntil != 0;
  }

  /** Bytes delivered so far. */
  long delivered() {
    return delivered;
  }

  /** The sample's rate in bytes per second, 0 if it has none. */
  long rate() {
    return rate;
  }

  /** Bytes delivered over the sample. */
  long sampleDelivered() {
    return sampleDelivered;
  }

  /** {@link #delivered} when the sample's packet left. */
  long priorDelivered() {
    return priorDelivered;
  }

  /** Bytes lost since the sample's packet left. */
  long sampleLost() {
    return lost - priorLost;
  }

  /** Bytes in flight when the sample's packet left. */
  long txInFlight() {
    return txInFlight;
  }

  boolean sampleAppLimited() {
    return sampleAppLimited;
  }

  /** Bytes acknowledged by the batch. */
  long newlyAcked() {
    return newlyAcked;
  }

  /** Round-trip time of the newest packet in the batch. */
  long rttNs() {
    return rttNs;
  }

  int ringCapacity() {
    return ring.capacity();
  }
}
