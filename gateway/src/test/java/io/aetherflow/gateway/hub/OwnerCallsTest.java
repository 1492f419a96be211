package io.aetherflow.gateway.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aetherflow.gateway.testing.RealStateSync;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class OwnerCallsTest {
  @Test
  void anOwnerThatServesNobodyIsGivenUpInTimeAndNotAskedWithoutPause() throws Exception {
    try (RealStateSync cluster = new RealStateSync()) {
      OwnerCalls calls = new OwnerCalls(cluster);
      AtomicInteger attempts = new AtomicInteger();
      long startNs = System.nanoTime();
      assertThatThrownBy(() ->
              calls.call(
                  "doc",
                  (channel, millis) -> {
                    attempts.incrementAndGet();
                    throw Status.UNAVAILABLE.asRuntimeException();
                  }))
          .isInstanceOf(StatusRuntimeException.class);
      assertThat(Duration.ofNanos(System.nanoTime() - startNs))
          .isBetween(Duration.ofMillis(7_500), Duration.ofSeconds(10));
      assertThat(attempts.get()).isBetween(4, 12);
    }
  }
}
