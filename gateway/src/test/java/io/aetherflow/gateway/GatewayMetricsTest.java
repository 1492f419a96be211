package io.aetherflow.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class GatewayMetricsTest {
  @Test
  void durationsHaveTheBucketsThatTheAlertOnP99Reads() {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    new GatewayMetrics(registry).request("GET", "/api/v1/sessions", 200, Duration.ofMillis(80));

    assertThat(registry.scrape())
        .containsPattern("app_request_duration_seconds_bucket\\{[^}]*le=\"0.05[0-9]*\"} 0")
        .containsPattern("app_request_duration_seconds_bucket\\{[^}]*le=\"\\+Inf\"} 1");
  }
}
