package io.aetherflow.quantum.connection;

import io.aetherflow.quantum.TransportTuning;
import io.aetherflow.quantum.fec.FecPolicy;
import io.aetherflow.quantum.fec.FixedFecPolicy;

/** The parity policy that a tuning asks for. Stateless. */
final class FecPolicies {
  private FecPolicies() {}

  static FecPolicy of(TransportTuning tuning) {
    return switch (tuning.fecMode()) {
      case ADAPTIVE, FIXED -> new FixedFecPolicy(tuning.ratioPercent());
      case OFF -> new FixedFecPolicy(0);
    };
  }
}
