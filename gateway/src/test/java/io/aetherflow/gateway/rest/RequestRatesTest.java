package io.aetherflow.gateway.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class RequestRatesTest {
  private long nowNs;
  private final RequestRates rates = new RequestRates(10, () -> nowNs);

  @Test
  void burstThenTheRate() {
    for (int i = 0; i < 20; i++) {
      assertThat(rates.allow("ann")).isTrue();
    }
    assertThat(rates.allow("ann")).isFalse();
    assertThat(rates.allow("bob")).isTrue();
    nowNs += TimeUnit.MILLISECONDS.toNanos(100);
    assertThat(rates.allow("ann")).isTrue();
    assertThat(rates.allow("ann")).isFalse();
  }

  @Test
  void quietUsersAreForgotten() {
    for (int i = 0; i < 1000; i++) {
      rates.allow("user" + i);
    }
    nowNs += TimeUnit.SECONDS.toNanos(10);
    rates.allow("ann");
    assertThat(rates.users()).isEqualTo(1);
  }
}
