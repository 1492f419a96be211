package io.aetherflow.quantum.fec;

/** A fixed share of parity for every packet to a validated address. Immutable. */
public final class FixedFec implements FecPolicy {
  private final int ratioPercent;

  /**
   * @param ratioPercent repairs per 100 sources, 1 to 100
   */
  public FixedFec(int ratioPercent) {
    this.ratioPercent = FecPolicy.checkRatio(ratioPercent);
  }

  @Override
  public boolean protects(
      long nowNs, long smoothedRttNs, boolean validated, long queuedBytes, long bytesPerSecond) {
    return validated;
  }

  @Override
  public int repairs(int k) {
    return FecPolicy.ceilRatio(ratioPercent, k);
  }

  @Override
  public int repairsMax(int groupSize) {
    return repairs(groupSize);
  }

  @Override
  public long spacingNs() {
    return 0;
  }
}
