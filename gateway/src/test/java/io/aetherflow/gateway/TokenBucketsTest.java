package io.aetherflow.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class TokenBucketsTest {
  private long nowNs;
  private final TokenBuckets buckets = new TokenBuckets(10, 20, () -> nowNs);

  @Test
  void burstThenTheRate() {
    for (int i = 0; i < 20; i++) {
      assertThat(buckets.allow("ann")).isTrue();
    }
    assertThat(buckets.allow("ann")).isFalse();
    assertThat(buckets.allow("bob")).isTrue();
    nowNs += TimeUnit.MILLISECONDS.toNanos(100);
    assertThat(buckets.allow("ann")).isTrue();
    assertThat(buckets.allow("ann")).isFalse();
  }

  @Test
  void quietUsersAreForgotten() {
    for (int i = 0; i < 1000; i++) {
      buckets.allow("user" + i);
    }
    nowNs += TimeUnit.SECONDS.toNanos(10);
    buckets.allow("ann");
    assertThat(buckets.users()).isEqualTo(1);
  }
}
