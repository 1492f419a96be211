package io.aetherflow.operator.model;

import io.aetherflow.crds.Profile;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;

/**
 * What a profile means where the resource says nothing. Production follows the capacity plan of the
 * first design.
 */
record Sizes(
    int replicas,
    int minAvailable,
    ResourceRequirements workload,
    ResourceRequirements etcd,
    String etcdStorage) {

  static final int ETCD_MEMBERS = 3;
  static final int CERTIFICATE_HOURS = 90 * 24;
  static final int AUTHORITY_HOURS = 10 * 365 * 24;

  static Sizes of(Profile profile) {
    return switch (profile) {
      case PRODUCTION ->
          new Sizes(
              3,
              2,
              resources("500m", "512Mi", "2", "2Gi"),
              resources("1", "2Gi", null, "2Gi"),
              "50Gi");
      case DEVELOPMENT ->
          new Sizes(
              2,
              1,
              resources("50m", "192Mi", null, "256Mi"),
              resources("100m", "128Mi", null, "512Mi"),
              "1Gi");
    };
  }

  static ResourceRequirements etcdBackup() {
    return resources("20m", "96Mi", null, "192Mi");
  }

  static ResourceRequirements prometheus(Profile profile) {
    return switch (profile) {
      case PRODUCTION -> resources("250m", "1Gi", null, "2Gi");
      case DEVELOPMENT -> resources("50m", "128Mi", null, "512Mi");
    };
  }

  static ResourceRequirements alertmanager() {
    return resources("20m", "64Mi", null, "128Mi");
  }

  static ResourceRequirements grafana() {
    return resources("100m", "256Mi", null, "512Mi");
  }

  private static ResourceRequirements resources(
      String cpu, String memory, String cpuLimit, String memoryLimit) {
    ResourceRequirementsBuilder builder =
        new ResourceRequirementsBuilder()
            .addToRequests("cpu", new Quantity(cpu))
            .addToRequests("memory", new Quantity(memory))
            .addToLimits("memory", new Quantity(memoryLimit));
    if (cpuLimit != null) {
      builder.addToLimits("cpu", new Quantity(cpuLimit));
    }
    return builder.build();
  }
}
