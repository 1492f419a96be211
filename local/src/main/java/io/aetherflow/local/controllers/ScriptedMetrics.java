package io.aetherflow.local.controllers;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.aetherflow.local.schema.Json;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricSpec;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * What the metrics APIs would say of pods, as a test writes it on them: the annotation {@value
 * #ANNOTATION} holds a JSON object of numbers, {@code {"cpu": 140, "app_active_sessions": 300}};
 * cpu is in percent of the request. Pure.
 */
final class ScriptedMetrics {
  static final String ANNOTATION = "local.aetherflow.io/metrics";

  private ScriptedMetrics() {}

  /**
   * A metric over the pods that have it.
   *
   * @param pods how many have it; no other number means anything when none has
   */
  record Reading(int pods, double average, double target) {
    private static final Reading NONE = new Reading(0, 0, 1);
  }

  /** Resources by utilization and metrics of pods by average value; others are not known here. */
  static Reading read(MetricSpec metric, List<Pod> pods) {
    if (metric.getResource() != null
        && metric.getResource().getTarget().getAverageUtilization() != null) {
      return over(
          pods,
          metric.getResource().getName(),
          metric.getResource().getTarget().getAverageUtilization());
    }
    if (metric.getPods() != null && metric.getPods().getTarget().getAverageValue() != null) {
      Quantity target = metric.getPods().getTarget().getAverageValue();
      return over(
          pods, metric.getPods().getMetric().getName(), target.getNumericalAmount().doubleValue());
    }
    return Reading.NONE;
  }

  private static Reading over(List<Pod> pods, String name, double target) {
    List<Double> values =
        pods.stream()
            .map(pod -> value(pod, name))
            .filter(OptionalDouble::isPresent)
            .map(OptionalDouble::getAsDouble)
            .toList();
    double sum = values.stream().mapToDouble(Double::doubleValue).sum();
    return values.isEmpty()
        ? Reading.NONE
        : new Reading(values.size(), sum / values.size(), target);
  }

  private static OptionalDouble value(Pod pod, String name) {
    Map<String, String> annotations = Templates.mutable(pod.getMetadata().getAnnotations());
    try {
      JsonNode value = Json.MAPPER.readTree(annotations.getOrDefault(ANNOTATION, "{}")).path(name);
      return value.isNumber() ? OptionalDouble.of(value.asDouble()) : OptionalDouble.empty();
    } catch (JsonProcessingException e) {
      return OptionalDouble.empty();
    }
  }
}
