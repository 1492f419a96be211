package io.aetherflow.operator.reconciler;

import io.aetherflow.operator.model.PrometheusOperatorModel;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/** Whether the Kubernetes cluster serves ServiceMonitor and PrometheusRule. Thread-safe. */
final class MonitoringApi {
  /** How long an answer holds: definitions come and go rarely, and asking is a request. */
  static final Duration KNOWN_FOR = Duration.ofMinutes(1);

  private final KubernetesClient client;
  private final Clock clock;
  private Instant askedAt = Instant.MIN;
  private boolean served;

  MonitoringApi(KubernetesClient client, Clock clock) {
    this.client = client;
    this.clock = clock;
  }

  /** Asks the API server, at most once in {@link #KNOWN_FOR}. */
  synchronized boolean served() {
    Instant now = clock.instant();
    if (askedAt.isBefore(now.minus(KNOWN_FOR))) {
      served =
          client.supports(
                  PrometheusOperatorModel.API_VERSION, PrometheusOperatorModel.SERVICE_MONITOR)
              && client.supports(
                  PrometheusOperatorModel.API_VERSION, PrometheusOperatorModel.PROMETHEUS_RULE);
      askedAt = now;
    }
    return served;
  }
}
