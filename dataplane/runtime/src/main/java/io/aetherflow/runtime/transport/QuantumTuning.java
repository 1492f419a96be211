package io.aetherflow.runtime.transport;

import io.aetherflow.api.Tuning;
import io.aetherflow.quantum.TransportTuning;
import io.aetherflow.quantum.TransportTuning.FecMode;

/** The cluster's tuning in the transport's words. Pure. */
final class QuantumTuning {
  private QuantumTuning() {}

  static TransportTuning of(Tuning tuning) {
    FecMode mode =
        switch (tuning.fecMode()) {
          case ADAPTIVE -> FecMode.ADAPTIVE;
          case FIXED -> FecMode.FIXED;
          case OFF -> FecMode.OFF;
        };
    return new TransportTuning(
        mode,
        tuning.fecGroupSize(),
        tuning.fecRatioPercent(),
        tuning.fecFlushMillis(),
        tuning.bbrStartupGainPercent(),
        tuning.maxCwndPackets());
  }
}
