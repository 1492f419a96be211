package io.aetherflow.operator.model;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;

/** Metadata of a cluster's objects. */
final class Metadata {
  private Metadata() {}

  static ObjectMeta of(Names names, String name, String component) {
    return new ObjectMetaBuilder()
        .withName(name)
        .withNamespace(names.namespace())
        .withLabels(Labels.object(names, component))
        .build();
  }
}
