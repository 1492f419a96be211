package io.aetherflow.crds;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Whether etcd's clients and members prove who they are, and encrypt. */
public enum EtcdTlsMode {
  @JsonProperty("Mutual")
  MUTUAL,
  @JsonProperty("Disabled")
  DISABLED
}
