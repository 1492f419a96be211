package io.aetherflow.api;

import java.util.Locale;

/** How much parity Quantum sends; the etcd value is the lower-case name. */
public enum FecMode {
  /** As little as the measured loss needs, capped by the ratio. */
  ADAPTIVE,
  /** Always {@code ceil(ratio x k)} repairs per group. */
  FIXED,
  /** Retransmission only. */
  OFF;

  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
