package io.aetherflow.operator.model;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import java.util.Map;
import java.util.TreeMap;

/** What pods need to start before etcd answers: where it is, and the tuning to begin with. */
final class QuantumConfigModel {
  private static final String COMPONENT = "quantum";

  private QuantumConfigModel() {}

  static ConfigMap of(EffectiveSpec spec) {
    Map<String, String> data = new TreeMap<>();
    data.put("etcd-endpoints", String.join(",", spec.etcd().endpoints()));
    data.put("etcd-prefix", spec.etcd().prefix());
    // "/config/quantum/fec-ratio" becomes the file "quantum.fec-ratio".
    spec.tuning()
        .entries()
        .forEach(
            (key, value) -> data.put(key.replaceFirst("^/config/", "").replace('/', '.'), value));
    return new ConfigMapBuilder()
        .withMetadata(Metadata.of(spec.names(), spec.names().quantumConfig(), COMPONENT))
        .withData(data)
        .build();
  }
}
