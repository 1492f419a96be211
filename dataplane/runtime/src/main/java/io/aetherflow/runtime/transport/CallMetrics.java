package io.aetherflow.runtime.transport;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
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
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The {@code app_*} metrics of served calls, and a debug line for each. */
final class CallMetrics implements ServerInterceptor {
  private static final Logger LOG = LoggerFactory.getLogger(CallMetrics.class);

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
    AtomicReference<Status> closed = new AtomicReference<>(Status.CANCELLED);
    ServerCall.Listener<Q> listener =
        next.startCall(
            new SimpleForwardingServerCall<>(call) {
              @Override
              public void close(Status status, Metadata trailers) {
                closed.set(status);
                super.close(status, trailers);
              }
            },
            headers);
    return new SimpleForwardingServerCallListener<>(listener) {
      @Override
      public void onComplete() {
        ended(call.getMethodDescriptor(), closed.get(), startedNs);
        super.onComplete();
      }

      @Override
      public void onCancel() {
        ended(call.getMethodDescriptor(), Status.CANCELLED, startedNs);
        super.onCancel();
      }
    };
  }

  private void ended(MethodDescriptor<?, ?> method, Status status, long startedNs) {
    concurrent.decrementAndGet();
    record(method, status, System.nanoTime() - startedNs);
  }

  private void record(MethodDescriptor<?, ?> method, Status status, long tookNs) {
    String name = method.getBareMethodName();
    String code = status.getCode().name();
    meters.counter("app.requests", "method", name, "code", code).increment();
    LOG.atDebug()
        .addKeyValue("action", "call_answered")
        .addKeyValue("code", code)
        .addKeyValue("micros", TimeUnit.NANOSECONDS.toMicros(tookNs))
        .log(name);
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
