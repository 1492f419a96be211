package io.aetherflow.crds;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Which sizes a cluster has where its resource gives none. */
public enum Profile {
  /** Three of everything, sized for load. */
  @JsonProperty("Production")
  PRODUCTION,
  /** Two of everything, sized for a laptop. */
  @JsonProperty("Development")
  DEVELOPMENT
}
