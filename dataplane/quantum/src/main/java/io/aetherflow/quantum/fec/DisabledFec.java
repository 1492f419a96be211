package io.aetherflow.quantum.fec;

/** No parity. Stateless. */
public final class DisabledFec implements FecPolicy {
  @Override
  public boolean protects(
      long nowNs, long smoothedRttNs, boolean validated, long queuedBytes, long bytesPerSecond) {
    return false;
  }

  /** None, also for a group that was open when the policy changed. */
  @Override
  public int repairs(int k) {
    return 0;
  }

  @Override
  public int repairsMax(int groupSize) {
    return 0;
  }

  @Override
  public long spacingNs() {
    return 0;
  }
}
