package io.aetherflow.gateway.cluster;

import io.aetherflow.api.AppliedTuning;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/** The data-plane pods that this gateway knows of, itself included. Thread-safe. */
public interface Pods {
  /** Nobody is known. */
  Pods NONE = List::of;

  /**
   * @param metrics where it says how it does
   * @param tuning its own word on the tuning it runs; empty before it said so
   */
  record Pod(String service, String name, URI metrics, Optional<AppliedTuning> tuning) {}

  /** In order of service and name. */
  List<Pod> now();
}
