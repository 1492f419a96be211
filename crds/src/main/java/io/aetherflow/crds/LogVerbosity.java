package io.aetherflow.crds;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Level of the pods' logs; changed live. */
public enum LogVerbosity {
  @JsonProperty("Debug")
  DEBUG,
  @JsonProperty("Info")
  INFO,
  @JsonProperty("Warn")
  WARN,
  @JsonProperty("Error")
  ERROR
}
