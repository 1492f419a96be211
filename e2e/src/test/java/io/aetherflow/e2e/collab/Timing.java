package io.aetherflow.e2e.collab;

/**
 * When an operation was handed to its client and when its acknowledgement came.
 *
 * @param ackedNs 0 while there is none
 */
public record Timing(long writtenNs, long ackedNs) {
  /** The first acknowledgement counts. */
  Timing acked(long nowNs) {
    return ackedNs == 0 ? new Timing(writtenNs, nowNs) : this;
  }

  public boolean isAcked() {
    return ackedNs != 0;
  }
}
