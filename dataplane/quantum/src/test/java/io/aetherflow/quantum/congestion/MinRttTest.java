package io.aetherflow.quantum.congestion;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MinRttTest {
  private static final long MS = 1_000_000;
  private static final long STEP_NS = 5 * MS;

  private final MinRtt min = new MinRtt();
  private long nowNs = 1;

  /** Feeds one sample per step; returns how many of them called for a probe. */
  private int feed(long rttNs, boolean appLimited, long forNs) {
    int due = 0;
    for (long endNs = nowNs + forNs; nowNs < endNs; nowNs += STEP_NS) {
      min.update(rttNs, appLimited, nowNs);
      due += min.isProbeDue() ? 1 : 0;
    }
    return due;
  }

  @Test
  void aSparseFlowThatSeesTheMinimumIsNeverProbed() {
    feed(50 * MS, true, STEP_NS);
    assertThat(feed(51 * MS, true, 60_000 * MS)).isZero();
    assertThat(min.ns()).isEqualTo(50 * MS);
  }

  @Test
  void aFlowThatFillsThePathIsSparedOnlyWhileItsQueueIsGone() {
    feed(50 * MS, false, STEP_NS);
    assertThat(feed(50 * MS + MS / 3, false, 30_000 * MS)).isZero();
    assertThat(feed(51 * MS, false, 6_000 * MS)).isPositive();
  }

  @Test
  void aQueueThatASparseFlowSeesDoesNotConfirm() {
    feed(50 * MS, true, STEP_NS);
    assertThat(feed(52 * MS, true, 6000 * MS)).isPositive();
  }

  @Test
  void aPathThatGotLongerIsNoticedWithinTheWindow() {
    feed(50 * MS, true, 20_000 * MS);
    feed(80 * MS, true, 10_010 * MS);
    assertThat(min.ns()).isEqualTo(80 * MS);
  }

  @Test
  void confirmationDoesNotLetTheMinimumCreepUp() {
    feed(50 * MS, true, 1000 * MS);
    feed(51 * MS, true, 20_000 * MS);
    feed(52 * MS, true, 11_000 * MS);
    assertThat(min.ns()).isEqualTo(52 * MS);
  }
}
