package io.aetherflow.quantum.recovery;

/** Learns what became of sent packets: streams, FEC policy and congestion control listen. */
public interface RecoveryListener {
  /** The peer has this packet; called once per number, unless it was declared lost before. */
  void onAcked(long number, int bytes, long sentNs);

  /** Declared lost: its frames are to be sent again; called at most once per number. */
  void onLost(long number, int bytes, long sentNs);

  /** A packet that was declared lost has arrived after all; follows {@link #onLost}. */
  void onSpuriousLoss(long number, int bytes, long sentNs);
}
