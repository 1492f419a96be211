package io.aetherflow.crds;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How much parity Quantum sends; changed live. */
public enum FecStrategy {
  @JsonProperty("Adaptive")
  ADAPTIVE,
  @JsonProperty("Fixed")
  FIXED,
  @JsonProperty("Disabled")
  DISABLED
}
