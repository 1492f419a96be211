package io.aetherflow.runtime.balance;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.runtime.balance.Endpoint.Outcome;
import org.junit.jupiter.api.Test;

class EndpointTest {
  private final Fleet fleet = new Fleet();
  private long nowNs = 1;

  private Endpoint endpoint() {
    fleet.size(2);
    return new Endpoint(fleet, nowNs);
  }

  private void fail(Endpoint endpoint, int calls) {
    for (int i = 0; i < calls; i++) {
      endpoint.onStart();
      endpoint.onEnd(Outcome.FAILURE, -1, nowNs);
    }
  }

  @Test
  void anEjectedEndpointWithAnOpenStreamIsTriedAgain() {
    Endpoint endpoint = endpoint();
    // The stream began before and goes on; only its end is told.
    fail(endpoint, Breaker.FAILURES_TO_OPEN);
    assertThat(endpoint.admits(nowNs)).isFalse();

    nowNs += Breaker.OPEN_NS_MAX;
    assertThat(endpoint.admits(nowNs)).isTrue();
    endpoint.onStart();
    assertThat(endpoint.admits(nowNs)).as("one trial at a time").isFalse();
    endpoint.onEnd(Outcome.SUCCESS, 1, nowNs);
    endpoint.onStreamEnd(Outcome.NEUTRAL, nowNs);
    assertThat(fleet.ejected()).isZero();
    assertThat(endpoint.pending()).isZero();
  }

  @Test
  void callsThatEndAfterTheirInstanceLeftTakeNoPlaceAmongTheEjected() {
    Endpoint gone = endpoint();
    for (int i = 0; i < Breaker.FAILURES_TO_OPEN; i++) {
      gone.onStart();
    }
    gone.forget(nowNs);
    for (int i = 0; i < Breaker.FAILURES_TO_OPEN; i++) {
      gone.onEnd(Outcome.FAILURE, -1, nowNs);
    }
    assertThat(fleet.ejected()).isZero();
  }

  @Test
  void anEjectedInstanceGivesItsPlaceBackOnce() {
    Endpoint gone = endpoint();
    fail(gone, Breaker.FAILURES_TO_OPEN);
    gone.onStart();
    gone.forget(nowNs);
    nowNs += Breaker.OPEN_NS_MAX;
    gone.onEnd(Outcome.SUCCESS, 1, nowNs);
    assertThat(fleet.ejected()).isZero();
  }
}
