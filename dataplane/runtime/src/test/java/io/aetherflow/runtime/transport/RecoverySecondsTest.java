package io.aetherflow.runtime.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.quantum.connection.ConnectionTrace;
import io.aetherflow.quantum.packet.Guuid;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * {@code quantum_fec_recovery_seconds} can tell whether repairs take less than 10 ms, which is what
 * it is asked: from a packet's nominal arrival to its delivery.
 */
class RecoverySecondsTest {
  private static final long MS = 1_000_000;
  private static final Pattern BUCKET =
      Pattern.compile("quantum_fec_recovery_seconds_bucket\\{le=\"([0-9.Ee-]+)\"} ([0-9.]+)");

  private final PrometheusMeterRegistry meters =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final ConnectionTrace trace =
      new QuantumMetrics(meters).onConnection(new Guuid(1, 2), true, 0);

  private double upTo(double seconds) {
    Matcher buckets = BUCKET.matcher(meters.scrape());
    double count = 0;
    while (buckets.find()) {
      if (Double.parseDouble(buckets.group(1)) <= seconds) {
        count = Math.max(count, Double.parseDouble(buckets.group(2)));
      }
    }
    return count;
  }

  @Test
  void repairsAreCountedByHowLateTheyWere() {
    for (int i = 0; i < 99; i++) {
      trace.onRecovered(i, 100 * MS, 108 * MS);
    }
    trace.onRecovered(99, 100 * MS, 112 * MS);
    assertThat(upTo(0.007)).as("within 7 ms").isZero();
    assertThat(upTo(0.010)).as("within 10 ms").isEqualTo(99);
    assertThat(meters.counter("quantum.fec.recoveries").count()).isEqualTo(100);
    assertThat(meters.scrape()).contains("quantum_fec_recovery_seconds_count 100");
  }
}
