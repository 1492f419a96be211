package io.aetherflow.runtime.transport;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The {@code app_*} metrics of served calls. */
final class CallMetrics implements ServerInterceptor {
  private final MeterRegistry meters;
  private final AtomicInteger concurrent;

  CallMetrics(MeterRegistry meters) {
    this.meters = meters;
    this.concurrent = meters.gauge("app.concurrent.operations", new AtomicInteger());
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    long startedNs = System.nanoTime();
    concurrent.incrementAndGet();
    return next.startCall(
        new SimpleForwardingServerCall<>(call) {
          @Override
          public void close(Status status, Metadata trailers) {
            concurrent.decrementAndGet();
            record(call.getMethodDescriptor(), status, System.nanoTime() - startedNs);
            super.close(status, trailers);
          }
        },
        headers);
  }

  private void record(MethodDescriptor<?, ?> method, Status status, long tookNs) {
    String name = method.getBareMethodName();
    String code = status.getCode().name();
    meters.counter("app.requests", "method", name, "code", code).increment();
    if (!status.isOk() && status.getCode() != Status.Code.CANCELLED) {
      meters.counter("app.errors", "method", name, "code", code).increment();
    }
    // A stream lives as long as its peer wants; its length is no latency.
    if (method.getType() == MethodDescriptor.MethodType.UNARY) {
      Timer.builder("app.request.duration")
          .tag("method", name)
          .publishPercentileHistogram()
          .minimumExpectedValue(Duration.ofMillis(1))
          .maximumExpectedValue(Duration.ofSeconds(10))
          .register(meters)
          .record(tookNs, TimeUnit.NANOSECONDS);
    }
  }
}
