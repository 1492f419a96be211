package io.aetherflow.quantum.connection;

/** What a connection believes about its path, and what follows from it. One thread at a time. */
public interface PathMetrics {
  /** Before the first sample an assumption. */
  long smoothedRttNs();

  /** 0 before the first sample. */
  long latestRttNs();

  /** 0 before the first sample. */
  long minRttNs();

  long rttVariationNs();

  long congestionWindowBytes();

  long bytesInFlight();

  long pacingRateBytesPerSecond();

  /** Share of packets that the path loses, 0 to 1, as the parity policy believes it. */
  double lossShare();
}
