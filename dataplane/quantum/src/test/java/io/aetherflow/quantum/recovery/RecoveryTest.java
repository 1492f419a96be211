package io.aetherflow.quantum.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.quantum.frame.RangeList;
import io.aetherflow.quantum.recovery.LossDetector.Timeout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecoveryTest {
  private static final long MS = 1_000_000;

  private final SentPackets sent = new SentPackets();
  private final RttEstimator rtt = new RttEstimator();
  private final LossDetector losses = new LossDetector(sent, rtt, 5 * MS);
  private final AckProcessor acks = new AckProcessor(sent, rtt, losses);
  private final List<String> events = new ArrayList<>();
  private final RecoveryListener listener =
      new RecoveryListener() {
        @Override
        public void onAcked(long number, int bytes, long sentNs) {
          events.add("acked " + number);
        }

        @Override
        public void onLost(long number, int bytes, long sentNs) {
          events.add("lost " + number);
        }

        @Override
        public void onSpuriousLoss(long number, int bytes, long sentNs) {
          events.add("spurious " + number);
        }
      };

  private void send(int packets, long nowNs) {
    for (int i = 0; i < packets; i++) {
      sent.onSent(100, nowNs);
      losses.onSent(nowNs);
    }
  }

  private boolean ack(long nowNs, long ack, long... above) {
    return acks.onAck(ack, RangeList.of(above), 0, nowNs, listener);
  }

  @Test
  void threeLaterArrivalsShowALoss() {
    send(5, 0);
    assertThat(ack(50 * MS, 1, 3, 4)).isTrue();
    assertThat(events).containsExactly("acked 4", "acked 3", "acked 1");
    assertThat(ack(51 * MS, 1, 3, 5)).isTrue();
    assertThat(events).endsWith("acked 5", "lost 2");
    assertThat(sent.bytesInFlight()).isZero();
    assertThat(losses.nextTimeoutNs()).isEqualTo(LossDetector.NEVER);
  }

  @Test
  void oneLaterArrivalAndARoundTripPlusAQuarterShowALoss() {
    send(2, 0);
    ack(40 * MS, 0, 2, 2);
    assertThat(losses.nextTimeoutNs()).isEqualTo(50 * MS);
    assertThat(losses.onTimeout(50 * MS - 1, listener)).isEqualTo(Timeout.NOTHING);
    assertThat(losses.onTimeout(50 * MS, listener)).isEqualTo(Timeout.LOSS);
    assertThat(events).containsExactly("acked 2", "lost 1");
  }

  @Test
  void aLateArrivalWidensTheWindowAndEndsCountingPackets() {
    send(4, 0);
    ack(40 * MS, 0, 2, 4);
    assertThat(events).endsWith("lost 1");
    ack(41 * MS, 4);
    assertThat(events).endsWith("spurious 1");
    assertThat(losses.reorderingWindowNs()).isEqualTo(20 * MS);
    send(5, 100 * MS);
    ack(140 * MS, 4, 6, 9);
    assertThat(events).doesNotContain("lost 5");
    assertThat(losses.nextTimeoutNs()).isEqualTo(160 * MS);
  }

  @Test
  void aCumulativeRiseOverForgoneNumbersIsNoDelivery() {
    send(5, 0);
    ack(40 * MS, 0, 2, 5);
    assertThat(sent.forgo(79 * MS, 40 * MS)).isEqualTo(1);
    assertThat(sent.forgo(80 * MS, 40 * MS)).isEqualTo(6);
    acks.onForgoSent(6);
    ack(120 * MS, 5);
    assertThat(events).containsExactly("acked 5", "acked 4", "acked 3", "acked 2", "lost 1");
    assertThat(sent.oldest()).isEqualTo(6);
  }

  @Test
  void anAckOfTheUnsentIsAViolationAndChangesNothing() {
    send(2, 0);
    assertThat(ack(MS, 3)).isFalse();
    assertThat(ack(MS, 0, 2, 3)).isFalse();
    assertThat(events).isEmpty();
    assertThat(sent.bytesInFlight()).isEqualTo(200);
    assertThat(rtt.hasSample()).isFalse();
  }

  @Test
  void aTailIsProbedAfterARoundTripAndBacksOff() {
    send(1, 0);
    ack(40 * MS, 1);
    send(1, 100 * MS);
    long delayNs = 40 * MS + 2 * 20 * MS + 5 * MS;
    assertThat(losses.nextTimeoutNs()).isEqualTo(100 * MS + delayNs);
    assertThat(losses.onTimeout(100 * MS + delayNs, listener)).isEqualTo(Timeout.PROBE);
    assertThat(losses.nextTimeoutNs()).isEqualTo(100 * MS + 3 * delayNs);
    assertThat(events).containsExactly("acked 1");
  }

  @Test
  void nothingIsArmedWhileNothingIsInFlight() {
    assertThat(losses.nextTimeoutNs()).isEqualTo(LossDetector.NEVER);
    sent.onSent(0, 0);
    assertThat(losses.nextTimeoutNs()).isEqualTo(LossDetector.NEVER);
  }
}
