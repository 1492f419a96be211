package io.aetherflow.gateway;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** The gateway's meters; docs/rest.md lists them. */
public final class GatewayMetrics {
  private final MeterRegistry meters;
  private final Timer operations;

  public GatewayMetrics(MeterRegistry meters) {
    this.meters = meters;
    this.operations =
        Timer.builder("gateway.operation.duration")
            .publishPercentileHistogram()
            .minimumExpectedValue(Duration.ofMillis(1))
            .maximumExpectedValue(Duration.ofSeconds(10))
            .register(meters);
  }

  public void activeSessions(Supplier<Number> count) {
    Gauge.builder("app.active.sessions", count).register(meters);
  }

  /**
   * @param route a template, never a path with ids in it
   */
  public void request(String method, String route, int status, Duration took) {
    meters
        .counter(
            "app.requests", "method", method, "route", route, "status", Integer.toString(status))
        .increment();
    Timer.builder("app.request.duration")
        .tags("method", method, "route", route)
        .publishPercentileHistogram()
        .minimumExpectedValue(Duration.ofMillis(1))
        .maximumExpectedValue(Duration.ofSeconds(10))
        .register(meters)
        .record(took);
  }

  /** From taking an operation off a socket until its owner said that it is durable. */
  public void operationStored(long tookNs) {
    operations.record(tookNs, TimeUnit.NANOSECONDS);
  }

  public void error(String code) {
    meters.counter("app.errors", "code", code).increment();
  }

  public void socketClosed(int code) {
    meters.counter("gateway.sockets.closed", "code", Integer.toString(code)).increment();
  }

  public void message() {
    meters.counter("gateway.messages").increment();
  }

  /** A message that a full socket queue could not take. */
  public void dropped() {
    meters.counter("gateway.queue.dropped").increment();
  }
}
