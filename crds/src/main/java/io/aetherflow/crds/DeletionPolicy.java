package io.aetherflow.crds;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What becomes of etcd's volumes when the resource is deleted. */
public enum DeletionPolicy {
  @JsonProperty("Retain")
  RETAIN,
  @JsonProperty("Delete")
  DELETE
}
