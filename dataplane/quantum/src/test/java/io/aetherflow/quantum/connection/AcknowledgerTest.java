package io.aetherflow.quantum.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.quantum.recovery.RttEstimator;
import org.junit.jupiter.api.Test;

class AcknowledgerTest {
  private static final long MS = 1_000_000;

  private final RttEstimator rtt = new RttEstimator();
  private final Acknowledger acks = new Acknowledger(25 * MS, rtt);

  /** Whether this packet calls for an answer at once, which is then given. */
  private boolean answers(long number) {
    acks.onArrival(number, 0);
    acks.onWantsAnswer(false, 0);
    boolean due = acks.isDue();
    if (due) {
      acks.onAckSent();
    }
    return due;
  }

  private int answers(long first, long last) {
    int count = 0;
    for (long number = first; number <= last; number++) {
      count += answers(number) ? 1 : 0;
    }
    return count;
  }

  @Test
  void packetsInOrderAreAnsweredTogether() {
    assertThat(answers(1, 31)).isZero();
    assertThat(answers(32)).isTrue();
    assertThat(answers(33, 63)).isZero();
    assertThat(answers(64)).isTrue();
  }

  @Test
  void aGapIsAnsweredAtOnceAndAgainWhenItShowsALoss() {
    answers(1, 3);
    assertThat(answers(5)).isTrue();
    assertThat(answers(6)).isFalse();
    assertThat(answers(7)).isTrue();
    assertThat(answers(8, 30)).isZero();
    assertThat(answers(4)).as("fills the gap").isTrue();
  }

  @Test
  void theSenderMayAsk() {
    acks.onArrival(1, 0);
    acks.onWantsAnswer(true, 0);
    assertThat(acks.isDue()).isTrue();
  }

  @Test
  void theDelayIsAQuarterOfTheRoundTripWithinFiveMsAndThePromise() {
    answers(1);
    assertThat(acks.deadlineNs()).as("no sample").isEqualTo(5 * MS);
    acks.onAckSent();
    rtt.onSample(60 * MS, 0);
    answers(2);
    assertThat(acks.deadlineNs()).isEqualTo(15 * MS);
    acks.onAckSent();
    rtt.reset();
    rtt.onSample(400 * MS, 0);
    answers(3);
    assertThat(acks.deadlineNs()).isEqualTo(25 * MS);
    acks.onAckSent();
    rtt.reset();
    rtt.onSample(MS, 0);
    answers(4);
    assertThat(acks.deadlineNs()).isEqualTo(5 * MS);
  }
}
