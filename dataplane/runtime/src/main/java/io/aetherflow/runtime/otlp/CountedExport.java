package io.aetherflow.runtime.otlp;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts what becomes of spans, bounds how many wait, and says once when the collector fails and
 * once when it takes spans again.
 */
final class CountedExport implements SpanExporter {
  private static final Logger LOG = LoggerFactory.getLogger(CountedExport.class);

  /** Kept from being collected: it would come back with its level. */
  private static final java.util.logging.Logger SDK_LOG =
      java.util.logging.Logger.getLogger("io.opentelemetry.exporter");

  private static final String METER = "aetherflow.trace.spans";

  private final SpanExporter collector;
  private final String endpoint;
  private final Counter exported;
  private final Counter failed;
  private final Counter dropped;
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicBoolean failing = new AtomicBoolean();

  CountedExport(SpanExporter collector, String endpoint, MeterRegistry meters) {
    // It repeats what is told here once.
    SDK_LOG.setLevel(Level.OFF);
    this.collector = collector;
    this.endpoint = endpoint;
    exported = counter(meters, "exported");
    failed = counter(meters, "failed");
    dropped = counter(meters, "dropped");
  }

  private static Counter counter(MeterRegistry meters, String outcome) {
    return Counter.builder(METER)
        .description("Spans by what became of them on their way to the collector")
        .tag("outcome", outcome)
        .register(meters);
  }

  @Override
  public CompletableResultCode export(Collection<SpanData> spans) {
    int count = spans.size();
    CompletableResultCode result = exported(spans);
    result.whenComplete(() -> {
      waiting.addAndGet(-count);
      if (result.isSuccess()) {
        exported.increment(count);
        if (failing.compareAndSet(true, false)) {
          LOG.atInfo()
              .addKeyValue("action", "spans_exported_again")
              .log("the collector at {} takes spans again", endpoint);
        }
      } else {
        failed.increment(count);
        if (failing.compareAndSet(false, true)) {
          LOG.atWarn()
              .addKeyValue("action", "spans_not_exported")
              .log(
                  "the collector at {} takes no spans ({}); requests go on without, and"
                      + " aetherflow_trace_spans_total counts them",
                  endpoint,
                  reason(result.getFailureThrowable()));
        }
      }
    });
    return result;
  }

  private CompletableResultCode exported(Collection<SpanData> spans) {
    try {
      return collector.export(spans);
    } catch (RuntimeException e) {
      // The SDK would log it and forget the spans, which would then wait here for good.
      return CompletableResultCode.ofExceptionalFailure(e);
    }
  }

  /** The SDK wraps what the network said; an answer other than success it keeps to itself. */
  private static String reason(Throwable failure) {
    return failure == null || failure.getCause() == null
        ? "it refused them"
        : failure.getCause().toString();
  }

  @Override
  public CompletableResultCode flush() {
    return collector.flush();
  }

  @Override
  public CompletableResultCode shutdown() {
    return collector.shutdown();
  }

  /**
   * Hands ended spans on while fewer than a number wait for their export.
   *
   * @param queue ends in this exporter
   */
  SpanProcessor admitting(SpanProcessor queue, int waitingMax) {
    return new SpanProcessor() {
      @Override
      public void onStart(Context parent, ReadWriteSpan span) {}

      @Override
      public boolean isStartRequired() {
        return false;
      }

      @Override
      public void onEnd(ReadableSpan span) {
        if (waiting.incrementAndGet() > waitingMax) {
          waiting.decrementAndGet();
          dropped.increment();
        } else {
          queue.onEnd(span);
        }
      }

      @Override
      public boolean isEndRequired() {
        return true;
      }

      @Override
      public CompletableResultCode shutdown() {
        return queue.shutdown();
      }

      @Override
      public CompletableResultCode forceFlush() {
        return queue.forceFlush();
      }
    };
  }
}
