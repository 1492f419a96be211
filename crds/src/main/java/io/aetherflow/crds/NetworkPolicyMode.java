package io.aetherflow.crds;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Whether the operator creates NetworkPolicies around the cluster's pods. */
public enum NetworkPolicyMode {
  @JsonProperty("Disabled")
  DISABLED,
  @JsonProperty("Enforced")
  ENFORCED
}
