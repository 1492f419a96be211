package io.aetherflow.runtime.otlp;

import io.aetherflow.runtime.PodIdentity;
import io.aetherflow.runtime.trace.Span;
import io.aetherflow.runtime.trace.Span.Kind;
import io.aetherflow.runtime.trace.SpanRef;
import io.aetherflow.runtime.trace.Tracing;
import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.IdGenerator;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;

/**
 * Sends spans to a collector by OTLP over HTTP, in batches, from a thread of its own. What the
 * collector does not take in time is dropped and counted; no request waits for it.
 */
public final class OtlpTracing implements Tracing {
  /** A collector that is away costs no more memory than this many spans, some kilobytes each. */
  static final int WAITING_MAX = 4_096;

  private static final int BATCH_MAX = 512;
  private static final Duration BATCH_INTERVAL = Duration.ofSeconds(1);
  static final Duration CALL_TIMEOUT = Duration.ofSeconds(5);

  /** Of the pod's orderly end; what is not sent by then is lost. */
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);

  private final Sampling sampling;
  private final SdkTracerProvider provider;
  private final Tracer tracer;

  public OtlpTracing(OtlpOptions options, PodIdentity pod, MeterRegistry meters) {
    sampling = Sampling.of(options.ratio());
    CountedExport export =
        new CountedExport(
            OtlpHttpSpanExporter.builder()
                .setEndpoint(options.endpoint().toString())
                .setTimeout(CALL_TIMEOUT)
                .setConnectTimeout(CALL_TIMEOUT)
                .build(),
            options.endpoint().toString(),
            meters);
    provider =
        SdkTracerProvider.builder()
            .setIdGenerator(new RequestIds())
            // Decided before a span is made, so that the others cost nothing.
            .setSampler(Sampler.alwaysOn())
            .setResource(resource(pod))
            .addSpanProcessor(
                export.admitting(
                    BatchSpanProcessor.builder(export)
                        .setMaxQueueSize(WAITING_MAX)
                        .setMaxExportBatchSize(BATCH_MAX)
                        .setScheduleDelay(BATCH_INTERVAL)
                        .build(),
                    WAITING_MAX))
            .build();
    tracer = provider.get("io.aetherflow");
  }

  private static Resource resource(PodIdentity pod) {
    return Resource.getDefault()
        .merge(
            Resource.create(
                Attributes.builder()
                    .put("service.name", pod.service())
                    .put("service.namespace", pod.cluster())
                    .put("service.instance.id", pod.uid())
                    .put("k8s.namespace.name", pod.namespace())
                    .put("k8s.pod.name", pod.name())
                    .build()));
  }

  @Override
  public Span begin(String guuid, Kind kind, String name) {
    if (!sampling.records(guuid)) {
      return Span.NONE;
    }
    SpanBuilder builder = tracer.spanBuilder(name).setNoParent().setSpanKind(of(kind));
    return new OtlpSpan(this, guuid, RequestIds.within(guuid, builder::startSpan));
  }

  @Override
  public Span under(SpanRef parent, Kind kind, String name) {
    if (parent.id() == 0) {
      return Span.NONE;
    }
    SpanContext above =
        SpanContext.createFromRemoteParent(
            traceId(parent.guuid()),
            HexFormat.of().toHexDigits(parent.id()),
            TraceFlags.getSampled(),
            TraceState.getDefault());
    if (!above.isValid()) {
      return Span.NONE;
    }
    return new OtlpSpan(
        this,
        parent.guuid(),
        tracer
            .spanBuilder(name)
            .setParent(Context.root().with(io.opentelemetry.api.trace.Span.wrap(above)))
            .setSpanKind(of(kind))
            .startSpan());
  }

  private static SpanKind of(Kind kind) {
    return switch (kind) {
      case SERVER -> SpanKind.SERVER;
      case CLIENT -> SpanKind.CLIENT;
    };
  }

  private static String traceId(String guuid) {
    return guuid.replace("-", "");
  }

  /** Sends what waits, for a bounded time. */
  @Override
  public void close() {
    provider.shutdown().join(CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** A request's first span gets the request's GUUID for a trace id; the SDK would draw one. */
  private static final class RequestIds implements IdGenerator {
    private static final ScopedValue<String> GUUID = ScopedValue.newInstance();

    static <T> T within(String guuid, ScopedValue.CallableOp<T, RuntimeException> work) {
      return ScopedValue.where(GUUID, guuid).call(work);
    }

    @Override
    public String generateTraceId() {
      return traceId(GUUID.get());
    }

    @Override
    public String generateSpanId() {
      return IdGenerator.random().generateSpanId();
    }
  }
}
