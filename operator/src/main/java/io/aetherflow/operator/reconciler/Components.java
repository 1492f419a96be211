package io.aetherflow.operator.reconciler;

import io.aetherflow.operator.model.BackupPlan;
import io.aetherflow.operator.model.ChosenImage;
import io.aetherflow.operator.model.EffectiveSpec;
import io.aetherflow.operator.model.EffectiveSpec.EtcdPlan;
import io.aetherflow.operator.model.Labels;
import io.aetherflow.operator.model.Names;
import io.aetherflow.operator.model.Workload;
import io.aetherflow.operator.upgrade.Component;
import io.aetherflow.operator.upgrade.Kind;
import io.aetherflow.operator.upgrade.Progress;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The components of a cluster as an upgrade sees them. Pure. */
final class Components {
  private final Observed observed;
  private final TuningProgress tuning;
  private final Set<String> unconfirmed;

  private Components(Observed observed) {
    this.observed = observed;
    this.tuning = TuningProgress.of(observed);
    this.unconfirmed = Set.copyOf(tuning.pending());
  }

  /**
   * @param wanted with the images that the resource asks for
   * @param backupSet of the keeper of snapshots
   */
  static List<Component> of(
      EffectiveSpec wanted, Observed observed, Optional<StatefulSet> backupSet) {
    Components components = new Components(observed);
    List<Component> all = new ArrayList<>();
    all.add(components.etcd(wanted.etcd()));
    wanted.workloads().forEach(each -> all.add(components.workload(each)));
    if (wanted.etcd() instanceof EtcdPlan.Members own && BackupPlan.of(wanted).isPresent()) {
      all.add(components.keeper(own, backupSet));
    }
    return all;
  }

  private Component etcd(EtcdPlan plan) {
    EtcdHealth health = EtcdHealth.of(observed);
    return switch (plan) {
      case EtcdPlan.External external -> {
        // Somebody else's: it has no image, but the pods need it all the same.
        Progress progress =
            health.facts().available()
                ? new Progress.Complete()
                : new Progress.Underway(health.verdict().message());
        yield new Component(Names.ETCD, Kind.ETCD, "", Optional.of(""), progress);
      }
      case EtcdPlan.Members own -> {
        Optional<String> chosen = chosen(observed.etcdSet(), Names.ETCD);
        boolean drifted =
            observed.etcdSet().filter(set -> !ChosenImage.template(set).equals(chosen)).isPresent();
        Progress progress =
            health.complete() && !drifted
                ? new Progress.Complete()
                : failure(Names.ETCD, Optional.empty())
                    .orElseGet(() -> new Progress.Underway(rollOf(health)));
        yield new Component(Names.ETCD, Kind.ETCD, own.image(), chosen, progress);
      }
    };
  }

  /** How it does is told by {@link BackupHealth} and holds nothing up: nobody calls it. */
  private Component keeper(EtcdPlan.Members own, Optional<StatefulSet> set) {
    return new Component(
        Names.ETCD_BACKUP,
        Kind.KEEPER,
        own.keeperImage(),
        chosen(set, Names.ETCD_BACKUP),
        new Progress.Complete());
  }

  private Optional<String> chosen(Optional<StatefulSet> set, String component) {
    return set.isPresent()
        ? set.flatMap(ChosenImage::of)
        : ChosenImage.running(
            observed.pods().stream()
                .filter(
                    pod -> component.equals(pod.getMetadata().getLabels().get(Labels.COMPONENT)))
                .toList());
  }

  private String rollOf(EtcdHealth health) {
    int updated =
        observed
            .etcdSet()
            .map(set -> set.getStatus())
            .map(status -> status.getUpdatedReplicas())
            .orElse(0);
    return updated < health.desired()
        ? updated + " of " + health.desired() + " members run the new template"
        : health.verdict().message();
  }

  private Component workload(Workload workload) {
    Optional<Deployment> deployment =
        Optional.ofNullable(observed.deployments().get(workload.component()));
    Optional<String> chosen = deployment.flatMap(ChosenImage::of);
    boolean drifted = !deployment.flatMap(ChosenImage::template).equals(chosen);
    return new Component(
        workload.component(),
        kind(workload),
        workload.image(),
        chosen,
        drifted
            ? new Progress.Underway("its image was changed by somebody else")
            : progress(workload, deployment));
  }

  private static Kind kind(Workload workload) {
    if (workload.isGateway()) {
      return Kind.GATEWAY;
    }
    return workload.isBuiltIn() ? Kind.SERVICE : Kind.OWN_SERVICE;
  }

  private Progress progress(Workload workload, Optional<Deployment> deployment) {
    Rollout rollout = Rollout.of(workload, deployment);
    if (!rollout.complete()) {
      return failure(workload.component(), rollout.trouble())
          .orElseGet(() ->
              new Progress.Underway(
                  rollout.ready() + " of " + rollout.desired() + " pods are ready"));
    }
    if (!workload.tuned()) {
      return new Progress.Complete();
    }
    if (!tuning.published()) {
      return new Progress.Underway("the tuning is being published");
    }
    List<String> waiting =
        pods(workload.component()).stream()
            .map(pod -> pod.getMetadata().getName())
            .filter(unconfirmed::contains)
            .sorted()
            .toList();
    return waiting.isEmpty()
        ? new Progress.Complete()
        : new Progress.Underway("waiting for " + waiting.getFirst() + " to confirm the tuning");
  }

  private Optional<Progress> failure(String component, Optional<String> trouble) {
    return PodProblems.first(pods(component))
        .map(Verdict::message)
        .or(() -> trouble)
        .map(Progress.Failed::new);
  }

  private List<Pod> pods(String component) {
    return observed.pods().stream()
        .filter(pod -> component.equals(pod.getMetadata().getLabels().get(Labels.COMPONENT)))
        .collect(Collectors.toList());
  }
}
