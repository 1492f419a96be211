package io.aetherflow.operator.reconciler;

import io.aetherflow.crds.AetherFlowCluster;
import io.aetherflow.operator.etcd.EtcdFacts;
import io.aetherflow.operator.etcd.Membership;
import io.aetherflow.operator.model.Bootstrap;
import io.aetherflow.operator.model.EffectiveSpec;
import io.aetherflow.operator.model.EtcdTls;
import io.aetherflow.operator.model.Labels;
import io.aetherflow.operator.model.Names;
import io.aetherflow.operator.model.Ports;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The live objects of one cluster's etcd. One instance serves one reconciliation. */
record EtcdObjects(
    AetherFlowCluster cluster, Context<AetherFlowCluster> context, EffectiveSpec spec) {

  /** Nothing with an external etcd. */
  Optional<EtcdMembers> members(EtcdFacts facts) {
    if (!(spec.etcd() instanceof EffectiveSpec.EtcdPlan.Members)) {
      return Optional.empty();
    }
    Names names = spec.names();
    Optional<Bootstrap> bootstrap =
        secondary(ConfigMap.class, names.etcdBootstrap()).flatMap(Bootstrap::read);
    Optional<StatefulSet> set = memberSet();
    return Optional.of(
        new EtcdMembers(
            cluster,
            spec,
            bootstrap,
            set.map(each -> each.getSpec().getReplicas()),
            bootstrap.isPresent() || set.isPresent() ? 0 : claimedPods(names),
            podsOf(Names.ETCD),
            podsOf(Names.ETCD_RESTORE).stream().findFirst(),
            facts));
  }

  /** The members'. */
  Optional<StatefulSet> memberSet() {
    return secondary(StatefulSet.class, spec.names().etcd());
  }

  /** That of the keeper of snapshots. */
  Optional<StatefulSet> backupSet() {
    return secondary(StatefulSet.class, spec.names().etcdBackup());
  }

  private List<Pod> podsOf(String component) {
    return context
        .getSecondaryResourcesAsStream(Pod.class)
        .filter(pod -> component.equals(pod.getMetadata().getLabels().get(Labels.COMPONENT)))
        .toList();
  }

  /** Nothing before there is a StatefulSet. */
  Optional<EtcdRollout> rollout(EtcdMembers members, Set<String> restarted) {
    return memberSet()
        .map(set ->
            new EtcdRollout(
                set, members.pods(), members.facts(), members.plan().step(), restarted));
  }

  /** A Secret with certificates. One that a person made carries no label, so it is asked for. */
  Optional<Secret> certificates(String name) {
    Optional<Secret> followed =
        spec.etcdTls() instanceof EtcdTls.Given ? Optional.empty() : secondary(Secret.class, name);
    return followed.or(() ->
        Optional.ofNullable(
            context
                .getClient()
                .secrets()
                .inNamespace(spec.names().namespace())
                .withName(name)
                .get()));
  }

  /** Whether the gateways' Service has the port of HTTPS. */
  boolean gatewayOffersHttps() {
    return secondary(Service.class, spec.names().workloadService(Names.GATEWAY)).stream()
        .flatMap(service -> service.getSpec().getPorts().stream())
        .anyMatch(port -> port.getPort() == Ports.HTTPS);
  }

  /** Volumes outlive the cluster they were made for; asked only for a cluster that is new. */
  private int claimedPods(Names names) {
    return context
        .getClient()
        .persistentVolumeClaims()
        .inNamespace(names.namespace())
        .withLabels(Labels.selector(names, Names.ETCD))
        .list()
        .getItems()
        .stream()
        .map(claim -> claim.getMetadata().getName())
        .mapToInt(name -> 1 + Membership.ordinal(name))
        .max()
        .orElse(0);
  }

  private <R extends HasMetadata> Optional<R> secondary(Class<R> type, String name) {
    return context
        .getSecondaryResourcesAsStream(type)
        .filter(each -> each.getMetadata().getName().equals(name))
        .findFirst();
  }
}
