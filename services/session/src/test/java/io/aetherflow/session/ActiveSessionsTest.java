package io.aetherflow.session;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ActiveSessionsTest {
  @Test
  void theSharesOfAllInstancesAreAllSessions() {
    for (int instances = 1; instances <= 10; instances++) {
      assertThat(instances * ActiveSessions.share(300, instances)).isEqualTo(300);
    }
  }

  @Test
  void anInstanceThatKnowsOfNoneAnswersForAll() {
    assertThat(ActiveSessions.share(7, 0)).isEqualTo(7);
    assertThat(ActiveSessions.share(0, 0)).isZero();
  }
}
