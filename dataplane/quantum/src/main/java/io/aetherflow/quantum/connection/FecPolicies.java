package io.aetherflow.quantum.connection;

import io.aetherflow.quantum.TransportTuning;
import io.aetherflow.quantum.fec.AdaptiveFec;
import io.aetherflow.quantum.fec.DisabledFec;
import io.aetherflow.quantum.fec.FecPolicy;
import io.aetherflow.quantum.fec.FixedFec;
import io.aetherflow.quantum.fec.LossEstimator;

/** The parity policy that a tuning asks for. Stateless. */
final class FecPolicies {
  private FecPolicies() {}

  static FecPolicy of(TransportTuning tuning, LossEstimator losses) {
    if (tuning.ratioPercent() == 0) {
      return new DisabledFec();
    }
    return switch (tuning.fecMode()) {
      case ADAPTIVE -> new AdaptiveFec(losses, tuning.ratioPercent());
      case FIXED -> new FixedFec(tuning.ratioPercent());
      case OFF -> new DisabledFec();
    };
  }
}
