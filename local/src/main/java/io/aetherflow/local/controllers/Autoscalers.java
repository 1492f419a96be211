package io.aetherflow.local.controllers;

import io.aetherflow.local.controllers.ScriptedMetrics.Reading;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerBuilder;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerCondition;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerConditionBuilder;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerSpec;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerStatus;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerStatusBuilder;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Scales Deployments by metrics that a test writes on their pods ({@link ScriptedMetrics}), after
 * Kubernetes' autoscaler: the metric that asks for most pods decides, a tenth is no difference, and
 * fewer pods wait for the stabilization window. Unlike that one it does nothing at all without
 * metrics, not even up to the minimum: on one machine each pod counts.
 */
final class Autoscalers implements Reconciler {
  private static final double TOLERANCE = 0.1;
  private static final int WINDOW_SECONDS = 300;

  private record Advice(Instant at, int replicas) {}

  private final Context context;

  /** By autoscaler, newest last; no older than its window. */
  private final Map<WorkQueue.Key, Deque<Advice>> advices = new HashMap<>();

  Autoscalers(Context context) {
    this.context = context;
    context
        .api()
        .watch(HorizontalPodAutoscaler.class, h -> enqueueAll(h.getMetadata().getNamespace()));
    context.api().watch(Pod.class, p -> enqueueAll(p.getMetadata().getNamespace()));
  }

  private void enqueueAll(String namespace) {
    context
        .api()
        .list(HorizontalPodAutoscaler.class, namespace)
        .forEach(h -> context.queue().add(key(namespace, h.getMetadata().getName())));
  }

  private WorkQueue.Key key(String namespace, String name) {
    return new WorkQueue.Key(this, namespace, name);
  }

  @Override
  public void reconcile(String namespace, String name) {
    HorizontalPodAutoscaler scaler =
        context.api().find(HorizontalPodAutoscaler.class, namespace, name).orElse(null);
    if (scaler == null) {
      advices.remove(key(namespace, name));
      return;
    }
    Optional<Deployment> target =
        context
            .api()
            .find(Deployment.class, namespace, scaler.getSpec().getScaleTargetRef().getName())
            .filter(d -> scaler.getSpec().getScaleTargetRef().getKind().equals("Deployment"));
    target.ifPresent(deployment -> scale(scaler, deployment));
  }

  private void scale(HorizontalPodAutoscaler scaler, Deployment deployment) {
    int current = Numbers.orZero(deployment.getSpec().getReplicas());
    OptionalInt wanted = wanted(scaler.getSpec(), pods(deployment), current);
    int desired = wanted.isPresent() ? settled(scaler, wanted.getAsInt(), current) : current;
    if (desired != current) {
      Deployment next = Api.copy(deployment);
      next.getSpec().setReplicas(desired);
      context.api().replace(next);
      context
          .events()
          .normal(scaler, "SuccessfulRescale", "New size: " + desired + "; reason: metrics");
    }
    report(scaler, current, desired, wanted.isPresent());
  }

  private List<Pod> pods(Deployment deployment) {
    return context.api().list(Pod.class, deployment.getMetadata().getNamespace()).stream()
        .filter(pod ->
            LabelSelectors.matches(
                deployment.getSpec().getSelector(), pod.getMetadata().getLabels()))
        .filter(pod -> PodStates.isReady(pod) && !PodStates.isTerminating(pod))
        .toList();
  }

  /** What the metrics ask for within the bounds; nothing when none of them is known. */
  private static OptionalInt wanted(
      HorizontalPodAutoscalerSpec spec, List<Pod> ready, int current) {
    List<Integer> proposals = new ArrayList<>();
    for (MetricSpec metric : spec.getMetrics()) {
      Reading reading = ScriptedMetrics.read(metric, ready);
      if (reading.pods() > 0) {
        proposals.add(proposal(reading, current));
      }
    }
    if (proposals.isEmpty()) {
      return OptionalInt.empty();
    }
    int most = proposals.stream().mapToInt(Integer::intValue).max().orElseThrow();
    // Of a metric that is not known it is not known whether it could do with fewer.
    boolean partial = proposals.size() < spec.getMetrics().size();
    int kept = partial ? Math.max(most, current) : most;
    return OptionalInt.of(
        Math.clamp(
            kept, Math.max(1, Numbers.orZero(spec.getMinReplicas())), spec.getMaxReplicas()));
  }

  private static int proposal(Reading reading, int current) {
    double ratio = reading.average() / reading.target();
    return Math.abs(1 - ratio) <= TOLERANCE ? current : (int) Math.ceil(ratio * reading.pods());
  }

  /** The most that was asked for within the window, if that is fewer than there are. */
  private int settled(HorizontalPodAutoscaler scaler, int wanted, int current) {
    WorkQueue.Key key = key(scaler.getMetadata().getNamespace(), scaler.getMetadata().getName());
    Duration window = window(scaler.getSpec());
    Instant now = context.now();
    Deque<Advice> heard = advices.computeIfAbsent(key, each -> new ArrayDeque<>());
    heard.removeIf(each -> !each.at().plus(window).isAfter(now));
    heard.addLast(new Advice(now, wanted));
    if (wanted >= current) {
      return wanted;
    }
    int most = heard.stream().mapToInt(Advice::replicas).max().orElse(wanted);
    if (most > wanted) {
      context.queue().addAfter(key, Duration.between(now, heard.getFirst().at().plus(window)));
    }
    return Math.min(current, most);
  }

  private static Duration window(HorizontalPodAutoscalerSpec spec) {
    boolean given =
        spec.getBehavior() != null
            && spec.getBehavior().getScaleDown() != null
            && spec.getBehavior().getScaleDown().getStabilizationWindowSeconds() != null;
    return Duration.ofSeconds(
        given ? spec.getBehavior().getScaleDown().getStabilizationWindowSeconds() : WINDOW_SECONDS);
  }

  private void report(HorizontalPodAutoscaler scaler, int current, int desired, boolean known) {
    HorizontalPodAutoscalerStatus status =
        new HorizontalPodAutoscalerStatusBuilder()
            .withObservedGeneration(scaler.getMetadata().getGeneration())
            .withCurrentReplicas(current)
            .withDesiredReplicas(desired)
            .withConditions(condition(scaler, known))
            .build();
    if (!status.equals(scaler.getStatus())) {
      context
          .api()
          .replaceStatus(new HorizontalPodAutoscalerBuilder(scaler).withStatus(status).build());
    }
  }

  private HorizontalPodAutoscalerCondition condition(
      HorizontalPodAutoscaler scaler, boolean known) {
    String status = known ? "True" : "False";
    String since =
        Optional.ofNullable(scaler.getStatus()).stream()
            .flatMap(before -> before.getConditions().stream())
            .filter(c -> c.getStatus().equals(status))
            .map(HorizontalPodAutoscalerCondition::getLastTransitionTime)
            .findFirst()
            .orElseGet(context::timestamp);
    return new HorizontalPodAutoscalerConditionBuilder()
        .withType("ScalingActive")
        .withStatus(status)
        .withReason(known ? "ValidMetricFound" : "FailedGetMetric")
        .withMessage(known ? "a metric is known" : "no pod carries " + ScriptedMetrics.ANNOTATION)
        .withLastTransitionTime(since)
        .build();
  }
}
