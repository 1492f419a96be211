package io.aetherflow.quantum.fec;

/** Always the same share of parity, whatever the path is like. Immutable. */
public final class FixedFecPolicy implements FecPolicy {
  private final int ratioPercent;

  /**
   * @param ratioPercent parity per source, 0 to 100
   */
  public FixedFecPolicy(int ratioPercent) {
    this.ratioPercent = ratioPercent;
  }

  @Override
  public boolean active(long nowNs, long smoothedRttNs, long minRttNs, long backlogBytes) {
    return ratioPercent > 0;
  }

  @Override
  public int repairs(int sources) {
    return Math.min((sources * ratioPercent + 99) / 100, CodingMatrix.REPAIRS_MAX);
  }

  @Override
  public int repairsMax(int groupSize) {
    return repairs(groupSize);
  }

  @Override
  public void onDelivered(long nowNs) {}

  @Override
  public void onLost(long nowNs) {}
}
