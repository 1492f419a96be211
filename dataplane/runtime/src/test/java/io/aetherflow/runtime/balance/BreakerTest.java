package io.aetherflow.runtime.balance;

import static io.aetherflow.runtime.balance.Breaker.State.CLOSED;
import static io.aetherflow.runtime.balance.Breaker.State.HALF_OPEN;
import static io.aetherflow.runtime.balance.Breaker.State.OPEN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class BreakerTest {
  private final Breaker breaker = new Breaker();

  @Test
  void opensOnTheFifthFailureInARow() {
    for (int i = 1; i < Breaker.FAILURES_TO_OPEN; i++) {
      assertThat(breaker.onFailure(0)).isFalse();
    }
    breaker.onSuccess();
    for (int i = 1; i < Breaker.FAILURES_TO_OPEN; i++) {
      assertThat(breaker.onFailure(0)).isFalse();
    }
    assertThat(breaker.onFailure(0)).isTrue();
  }

  @Test
  void triesAgainAfterEverLongerTimesAndClosesOnASuccess() {
    long now = 0;
    long[] expectedSeconds = {1, 2, 4, 8, 16, 30, 30};
    for (long seconds : expectedSeconds) {
      breaker.open(now);
      long until = now + seconds * 1_000_000_000L;
      assertThat(breaker.state(until - 1)).isEqualTo(OPEN);
      assertThat(breaker.state(until)).isEqualTo(HALF_OPEN);
      assertThat(breaker.onFailure(until)).isTrue();
      now = until;
    }
    breaker.open(now);
    assertThat(breaker.state(now + Breaker.OPEN_NS_MAX)).isEqualTo(HALF_OPEN);
    breaker.onSuccess();
    assertThat(breaker.state(now + Breaker.OPEN_NS_MAX)).isEqualTo(CLOSED);
  }

  @Test
  void aLateAnswerDoesNotCloseAnOpenBreaker() {
    breaker.open(0);
    breaker.onSuccess();
    assertThat(breaker.state(1)).isEqualTo(OPEN);
    assertThatThrownBy(() -> breaker.open(1)).isInstanceOf(IllegalStateException.class);
  }
}
