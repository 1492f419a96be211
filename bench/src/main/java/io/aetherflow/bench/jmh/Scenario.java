package io.aetherflow.bench.jmh;

import io.aetherflow.quantum.TransportTuning;
import io.aetherflow.quantum.TransportTuning.FecMode;

/** What the packet path carries, and what the wire does to it. */
public enum Scenario {
  /** One stream that is never short of data; parity adapts, so there is none. */
  BULK(true, FecMode.ADAPTIVE, 0),
  /** Losses are sent again: adaptive parity stays away from the middle of bulk data. */
  BULK_LOSS(true, FecMode.ADAPTIVE, 0.02),
  /** Three parity packets for ten of data; losses are rebuilt. */
  BULK_LOSS_FIXED_FEC(true, FecMode.FIXED, 0.02),
  /** 200 calls a second of 1,000 bytes each way. */
  CALLS(false, FecMode.ADAPTIVE, 0),
  /** The same with as many copies as the loss calls for, two. */
  CALLS_LOSS(false, FecMode.ADAPTIVE, 0.02);

  private final boolean bulk;
  private final FecMode fecMode;
  private final double lossShare;

  Scenario(boolean bulk, FecMode fecMode, double lossShare) {
    this.bulk = bulk;
    this.fecMode = fecMode;
    this.lossShare = lossShare;
  }

  boolean isBulk() {
    return bulk;
  }

  /** Each way, 0 to 1. */
  double lossShare() {
    return lossShare;
  }

  TransportTuning tuning() {
    TransportTuning usual = TransportTuning.DEFAULT;
    return usual.withFec(fecMode, usual.groupSize(), usual.ratioPercent());
  }
}
