package io.aetherflow.quantum.fec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FecPolicyTest {
  private static final long MS = 1_000_000;
  private static final long PACKET_NS = 5 * MS;
  private static final long RATE = 8_000_000;

  private final LossEstimator losses = new LossEstimator();
  private final AdaptiveFec adaptive = new AdaptiveFec(losses, 30);
  private long nowNs;
  private long number;

  @Test
  void adaptiveNeedsExactlyTheRepairsThatTheBinomialSumNeeds() {
    double[] shares = {0.0005, 0.002, 0.005, 0.01, 0.02, 0.035, 0.05, 0.1, 0.2, 0.4, 0.8};
    RepairTable table = new RepairTable();
    for (double share : shares) {
      for (int k = 1; k <= CodingMatrix.SOURCES_MAX; k++) {
        for (int cap = 1; cap <= CodingMatrix.REPAIRS_MAX; cap++) {
          assertThat(table.repairs(k, share, cap))
              .as("k %d, loss %s, cap %d", k, share, cap)
              .isEqualTo(smallest(k, share, cap));
        }
      }
    }
  }

  private static int smallest(int k, double share, int cap) {
    for (int m = 1; m < cap; m++) {
      if (unrepaired(k, m, share) <= 2e-4) {
        return m;
      }
    }
    return cap;
  }

  /** Sums over how many of the group's k + m packets are lost: a lost source is one of them. */
  private static double unrepaired(int k, int m, double share) {
    int n = k + m;
    double sum = 0;
    for (int lost = m + 1; lost <= n; lost++) {
      double ways = 1;
      for (int i = 0; i < lost; i++) {
        ways = ways * (n - i) / (i + 1);
      }
      sum += ways * Math.pow(share, lost) * Math.pow(1 - share, n - lost) * lost / n;
    }
    return sum;
  }

  @Test
  void aLonePacketGetsTwoCopiesAtTwoAndAtFivePercent() {
    for (int percent : new int[] {2, 5}) {
      AdaptiveFec fec = new AdaptiveFec(after(4000, percent / 100.0, percent), 30);
      assertThat(fec.repairs(1)).as("%d %%", percent).isEqualTo(2);
      assertThat(fec.repairs(10)).as("%d %%", percent).isEqualTo(3);
    }
  }

  @Test
  void theRatioCapsFullGroupsAndNotShortOnes() {
    AdaptiveFec fec = new AdaptiveFec(after(4000, 0.5, 1), 10);
    assertThat(fec.repairs(1)).isEqualTo(2);
    assertThat(fec.repairs(2)).isEqualTo(3);
    assertThat(fec.repairs(30)).isEqualTo(3);
    assertThat(fec.repairs(31)).isEqualTo(4);
    assertThat(fec.repairs(64)).isEqualTo(7);
    for (int n = 1; n <= CodingMatrix.SOURCES_MAX; n++) {
      int most = 0;
      for (int k = 1; k <= n; k++) {
        most = Math.max(most, fec.repairs(k));
      }
      assertThat(fec.repairsMax(n)).as("N %d", n).isEqualTo(most);
    }
  }

  @Test
  void fixedRoundsUpAndProtectsWhateverIsValidated() {
    FixedFec fixed = new FixedFec(30);
    assertThat(fixed.repairs(1)).isEqualTo(1);
    assertThat(fixed.repairs(10)).isEqualTo(3);
    assertThat(fixed.repairs(11)).isEqualTo(4);
    assertThat(new FixedFec(100).repairs(64)).isEqualTo(CodingMatrix.REPAIRS_MAX);
    assertThat(fixed.protects(0, MS, true, Long.MAX_VALUE, 0)).isTrue();
    assertThat(fixed.protects(0, MS, false, 0, 0)).isFalse();
    assertThatThrownBy(() -> new FixedFec(0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new AdaptiveFec(losses, 101))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void disabledProtectsNothing() {
    assertThat(new DisabledFec().protects(0, 50 * MS, true, 0, RATE)).isFalse();
    assertThat(new DisabledFec().repairs(10)).isZero();
  }

  @Test
  void aNewConnectionIsProtectedBeforeItHasLostAnything() {
    assertThat(protects(0)).isTrue();
    assertThat(protects(50 * MS)).isTrue();
    assertThat(adaptive.repairs(1)).isEqualTo(2);
  }

  @Test
  void cleanPacketsTurnParityOffWithinTwoSeconds() {
    int packets = 0;
    while (protects(50 * MS)) {
      acked();
      packets++;
    }
    assertThat(packets).isBetween(250, 400);
    for (int i = 0; i < 20_000; i++) {
      acked();
      assertThat(protects(50 * MS)).isFalse();
    }
  }

  @Test
  void parityReturnsAtTheSecondOfTwoCloseLossesAndNotAtAStrayOne() {
    acked(5000);
    assertThat(protects(50 * MS)).isFalse();
    lost();
    assertThat(protects(50 * MS)).isFalse();
    acked(100);
    lost();
    assertThat(protects(50 * MS)).isTrue();
  }

  @Test
  void aQuickRetransmissionNeedsNoParityAndTheBandBetweenChangesNothing() {
    assertThat(protects(9 * MS)).isTrue();
    assertThat(protects(8 * MS)).isFalse();
    assertThat(protects(9 * MS)).as("within the dead band").isFalse();
    assertThat(protects(11 * MS)).isTrue();
    assertThat(protects(9 * MS)).as("within the dead band").isTrue();
  }

  @Test
  void theMiddleOfBulkAndAnUnvalidatedAddressGetNone() {
    long untilRetransmission = RATE * 9 / 8 / 20;
    assertThat(adaptive.protects(0, 50 * MS, true, untilRetransmission, RATE)).isTrue();
    assertThat(adaptive.protects(0, 50 * MS, true, untilRetransmission + 1, RATE)).isFalse();
    assertThat(adaptive.protects(0, 50 * MS, true, Long.MAX_VALUE, RATE)).isFalse();
    assertThat(adaptive.protects(0, 50 * MS, true, 64 * 1024, 12_000)).isTrue();
    assertThat(adaptive.protects(0, 50 * MS, false, 0, RATE)).isFalse();
  }

  /** Losses of the kind that tempt a switch without a dead band; one change lasts a while. */
  @ParameterizedTest
  @ValueSource(doubles = {0.0005, 0.001, 0.002, 0.003, 0.005, 0.01})
  void parityDoesNotFlap(double share) {
    long seed = 42;
    Random random = new Random(seed);
    int changes = 0;
    int on = 0;
    boolean before = protects(50 * MS);
    int packets = 100_000;
    for (int i = 0; i < packets; i++) {
      settle(random.nextDouble() < share);
      boolean now = protects(50 * MS);
      changes += now != before ? 1 : 0;
      on += now ? 1 : 0;
      before = now;
    }
    System.out.printf(
        "fec policy: loss %.2f %%, parity on for %.0f %% of packets, %d changes in %d (seed %d)%n",
        100 * share, 100.0 * on / packets, changes, packets, seed);
    assertThat(changes).isLessThan(packets / 400);
    if (share >= 0.01) {
      assertThat(on).isGreaterThan(packets * 98 / 100);
    }
    if (share <= 0.0005) {
      assertThat(on).isLessThan(packets / 10);
    }
  }

  @Test
  void copiesAreSpacedWhereLossesComeInBursts() {
    Random random = new Random(7);
    for (int i = 0; i < 3000; i++) {
      settle(random.nextDouble() < 0.05);
      assertThat(adaptive.spacingNs()).isZero();
    }
    for (int i = 0; i < 20; i++) {
      acked(100);
      lost();
      lost();
      lost();
    }
    assertThat(losses.meanBurstPackets()).isBetween(2.5, 3.2);
    assertThat(adaptive.spacingNs()).isEqualTo(AdaptiveFec.SPACING_NS);
  }

  private static LossEstimator after(int packets, double share, long seed) {
    Random random = new Random(seed);
    LossEstimator losses = new LossEstimator();
    for (int i = 0; i < packets; i++) {
      if (random.nextDouble() < share) {
        losses.onLost(i, i * PACKET_NS);
      } else {
        losses.onAcked(i * PACKET_NS);
      }
    }
    return losses;
  }

  private boolean protects(long rttNs) {
    return adaptive.protects(nowNs, rttNs, true, 0, RATE);
  }

  private void settle(boolean isLost) {
    if (isLost) {
      lost();
    } else {
      acked();
    }
  }

  private void acked(int packets) {
    for (int i = 0; i < packets; i++) {
      acked();
    }
  }

  private void acked() {
    nowNs += PACKET_NS;
    number++;
    losses.onAcked(nowNs);
  }

  private void lost() {
    nowNs += PACKET_NS;
    losses.onLost(number++, nowNs);
  }
}
