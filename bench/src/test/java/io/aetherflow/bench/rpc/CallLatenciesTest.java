package io.aetherflow.bench.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CallLatenciesTest {
  @Test
  void aFailedCallCountsAsInfinite() {
    CallLatencies latencies = new CallLatencies();
    for (int i = 1; i <= 98; i++) {
      latencies.succeeded(i * 1_000_000L);
    }
    latencies.failed();
    latencies.failed();

    assertThat(latencies.count()).isEqualTo(100);
    assertThat(latencies.quantileNs(0.5)).isCloseTo(50e6, within(0.1e6));
    assertThat(latencies.quantileNs(0.98)).isCloseTo(98e6, within(0.2e6));
    assertThat(latencies.quantileNs(0.99)).isInfinite();
    assertThat(latencies.millis()).containsKeys("p50", "p99", "p99.9", "max");
  }

  @Test
  void arrivalsArePoisson() {
    PoissonArrivals arrivals = new PoissonArrivals(200, new SplittableRandom(1));
    int count = 100_000;
    double last = 0;
    double squares = 0;
    for (int i = 0; i < count; i++) {
      double now = arrivals.nextNs() / 1e6;
      assertThat(now).isGreaterThanOrEqualTo(last);
      squares += (now - last) * (now - last);
      last = now;
    }
    double meanMs = last / count;
    assertThat(meanMs).isCloseTo(5, within(0.1));
    // An exponential gap's standard deviation is its mean.
    assertThat(Math.sqrt(squares / count - meanMs * meanMs)).isCloseTo(5, within(0.1));
  }
}
