package io.aetherflow.crds;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn.Type;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/** A real-time collaboration back end: etcd, gateways, session and statesync services. */
@Group("aetherflow.io")
@Version("v1alpha1")
@Kind("AetherFlowCluster")
@Plural("aetherflowclusters")
@Singular("aetherflowcluster")
@ShortNames({"aetherflow", "afc"})
@Categories("all")
@AdditionalPrinterColumn(
    name = "Ready",
    jsonPath = ".status.conditions[?(@.type==\"Ready\")].status")
@AdditionalPrinterColumn(
    name = "Reason",
    jsonPath = ".status.conditions[?(@.type==\"Ready\")].reason")
@AdditionalPrinterColumn(name = "Etcd", jsonPath = ".status.display.etcd")
@AdditionalPrinterColumn(name = "Gateway", jsonPath = ".status.display.gateway")
@AdditionalPrinterColumn(name = "Session", jsonPath = ".status.display.session")
@AdditionalPrinterColumn(name = "StateSync", jsonPath = ".status.display.stateSync")
@AdditionalPrinterColumn(name = "FEC", jsonPath = ".status.display.fec")
@AdditionalPrinterColumn(name = "Cwnd", jsonPath = ".status.display.cwnd")
@AdditionalPrinterColumn(name = "Tuned", jsonPath = ".status.display.tuned")
@AdditionalPrinterColumn(name = "Version", jsonPath = ".status.display.version")
@AdditionalPrinterColumn(name = "Age", jsonPath = ".metadata.creationTimestamp", type = Type.DATE)
public final class AetherFlowCluster
    extends CustomResource<AetherFlowClusterSpec, AetherFlowClusterStatus> implements Namespaced {
  private static final long serialVersionUID = 1L;

  /** Absent until read: a fresh object that is patched must not carry a spec of its own. */
  @Override
  protected AetherFlowClusterSpec initSpec() {
    return null;
  }

  @Override
  protected AetherFlowClusterStatus initStatus() {
    return null;
  }
}
