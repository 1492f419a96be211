package io.aetherflow.operator.model;

import io.aetherflow.crds.AetherFlowCluster;
import io.aetherflow.operator.model.EffectiveSpec.EtcdPlan;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.ArrayList;
import java.util.List;

/**
 * Every object a cluster consists of, but for the secrets made once from randomness.
 *
 * @param spec the resource with every default resolved
 * @param objects in the order in which they are best created
 */
public record DesiredCluster(EffectiveSpec spec, List<HasMetadata> objects) {

  /** A cluster that has yet to form. */
  public static DesiredCluster of(AetherFlowCluster cluster, Platform platform) {
    EffectiveSpec spec = EffectiveSpec.of(cluster, platform.prometheusOperator());
    return of(spec, platform, EtcdShape.fresh(spec.names(), spec.etcdMembers()));
  }

  /**
   * @param shape how far etcd's members are; ignored with an external etcd
   */
  public static DesiredCluster of(EffectiveSpec spec, Platform platform, EtcdShape shape) {
    Listen listen = platform.listen();
    List<HasMetadata> objects = new ArrayList<>();
    objects.add(QuantumConfigModel.of(spec));
    if (spec.etcd() instanceof EtcdPlan.Members members) {
      EtcdModel etcd = new EtcdModel(spec, members, shape, listen);
      shape
          .certificates()
          .own()
          .ifPresent(pki -> objects.addAll(CertificateSecrets.of(spec.names(), pki)));
      objects.add(etcd.bootstrap());
      objects.add(etcd.headlessService());
      objects.add(etcd.clientService());
      objects.add(ChosenImage.noted(etcd.statefulSet()));
      etcd.disruptionBudget().ifPresent(objects::add);
      BackupPlan.of(spec)
          .map(plan -> new EtcdBackupModel(spec, members, plan).statefulSet())
          .map(ChosenImage::noted)
          .ifPresent(objects::add);
    }
    // Pods that start on a restored store would take those of its origin for their own.
    List<Workload> workloads = shape.bootstrap().isRestoring() ? List.of() : spec.workloads();
    for (Workload workload : workloads) {
      WorkloadModel model = new WorkloadModel(spec, workload, listen);
      objects.add(model.service());
      objects.add(ChosenImage.noted(model.deployment()));
      model.disruptionBudget().ifPresent(objects::add);
      model.autoscaler().ifPresent(objects::add);
    }
    objects.addAll(MonitoringModel.of(spec, platform));
    if (spec.networkPolicies()) {
      objects.addAll(NetworkPolicyModel.of(spec, platform));
    }
    return new DesiredCluster(spec, List.copyOf(objects));
  }
}
