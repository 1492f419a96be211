package io.aetherflow.operator.model;

import io.aetherflow.crds.TracingSpec;
import io.fabric8.kubernetes.api.model.EnvVar;
import java.math.BigDecimal;
import java.util.List;

/**
 * Where pods tell the steps of requests, in OpenTelemetry's own variables, so that its SDKs in own
 * microservices join in.
 *
 * @param endpoint base URL of a collector
 */
record TracingPlan(String endpoint, int samplePercent) {
  private static final int SAMPLE_PERCENT = 10;

  static TracingPlan of(TracingSpec spec) {
    return new TracingPlan(
        spec.endpoint(), spec.samplePercent() == null ? SAMPLE_PERCENT : spec.samplePercent());
  }

  List<EnvVar> environment(String component) {
    return List.of(
        Pods.value("OTEL_SERVICE_NAME", component),
        Pods.value("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint),
        Pods.value("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
        Pods.value("OTEL_TRACES_SAMPLER", "parentbased_traceidratio"),
        Pods.value(
            "OTEL_TRACES_SAMPLER_ARG", BigDecimal.valueOf(samplePercent, 2).toPlainString()));
  }
}
