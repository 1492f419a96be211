package io.aetherflow.statesync.document;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** In virtual time, over a store that takes a batch after the other. */
class AdmissionTest {
  private static final long MILLI_NS = TimeUnit.MILLISECONDS.toNanos(1);

  /** As a real one, it may overflow. */
  private long nowNs = Long.MAX_VALUE - 500 * MILLI_NS;

  private final Admission admission = new Admission(0, () -> nowNs);
  private final ArrayDeque<Long> takenNs = new ArrayDeque<>();
  private final long[] waitsNs = new long[1_000_000];
  private int commitMillis = 5;
  private int stored;
  private int refused;

  @Test
  void hotOperationsAreTakenUpToTheBound() {
    Admission hot = Admission.ofHeap(4_000);
    hot.addHot(Admission.hotBytes(1, 300));
    assertThat(hot.admitsHot(1, 300)).isTrue();
    assertThat(hot.admitsHot(1, 301)).isFalse();
    assertThat(hot.admitsHot(2, 101)).as("small ones count for what they take").isFalse();
    hot.addHot(-Admission.hotBytes(1, 300));
    assertThat(hot.hotBytes()).isZero();
    assertThat(hot.admitsHot(1, 800)).isTrue();
  }

  @Test
  void waitingOperationsAreTakenUpToBothBounds() {
    admission.take(WaitLimit.OPERATIONS_MAX - 1, Admission.BYTES_MAX - 10);
    assertThat(admission.admits(10)).isTrue();
    assertThat(admission.admits(11)).isFalse();
    admission.take(1, 0);
    assertThat(admission.admits(0)).isFalse();
    admission.release(1, 0);
    assertThat(admission.admits(0)).as("what is lost makes room").isTrue();
  }

  @Test
  void nothingIsRefusedBelowWhatIsStored() {
    run(60_000, 9_000, 10_000);
    assertThat(refused).isZero();
  }

  @Test
  void atTwiceTheRateWhatIsTakenWaitsBrieflyAndTheStoreStaysBusy() {
    run(1_000, 9_000, 10_000);
    run(60_000, 20_000, 10_000);
    assertThat(waitMillis(0.99)).isLessThan(50);
    assertThat(stored).isGreaterThan(60 * 9_500);
    assertThat(refused).isGreaterThan(60 * 9_500);
  }

  @Test
  void aSlowStoreIsNoticedToo() {
    run(60_000, 2_000, 1_000);
    assertThat(waitMillis(0.99)).isLessThan(150);
    assertThat(stored).isGreaterThan(60 * 950);
  }

  @Test
  void aStoreThatTakesLongAndMuchAtOnceRefusesNobody() {
    commitMillis = 45;
    run(20_000, 8_000, 20_000);
    assertThat(refused).isZero();
    assertThat(waitMillis(0.5)).isGreaterThan(45);
  }

  @Test
  void aStoreThatBecomesSlowRefusesSomeAtFirstAndThenNobody() {
    commitMillis = 10;
    run(10_000, 8_000, 20_000);
    assertThat(refused).isZero();
    commitMillis = 45;
    run(5_000, 8_000, 20_000);
    int before = refused;
    run(20_000, 8_000, 20_000);
    assertThat(refused).as("of 160,000 operations").isEqualTo(before);
    commitMillis = 10;
    run(10_000, 8_000, 20_000);
    assertThat(refused).isEqualTo(before);
  }

  /** Repetitions and reads wait for what others placed, however briefly. */
  @Test
  void whoPlacesNothingSaysNothingOfTheStore() {
    Waiters waiters = new Waiters("d", admission);
    for (int interval = 0; interval < 20; interval++) {
      waiters.add(interval, 1, 200, () -> {}, refusal -> {});
      nowNs += 2 * WaitLimit.INTERVAL_NS;
      waiters.add(interval, 0, 0, () -> {}, refusal -> {});
      waiters.durable(interval);
    }
    admission.take(WaitLimit.OPERATIONS_MIN, 0);
    assertThat(admission.admits(0)).as("the limit has fallen to the least").isFalse();
  }

  @Test
  void repetitionsAndReadsThatWaitAreBounded() {
    Waiters waiters = new Waiters("d", admission);
    int[] answered = new int[2];
    for (int i = 0; i < Waiters.FOLLOWERS_MAX + 3; i++) {
      waiters.add(1, 0, 0, () -> answered[0]++, why -> answered[1]++);
    }
    assertThat(answered).containsExactly(0, 3);
    waiters.durable(1);
    assertThat(answered).containsExactly(Waiters.FOLLOWERS_MAX, 3);
    waiters.add(2, 0, 0, () -> answered[0]++, why -> answered[1]++);
    assertThat(answered[1]).as("there is room again").isEqualTo(3);
  }

  @Test
  void nobodyIsRefusedAfterAnOverloadIsOver() {
    run(10_000, 30_000, 10_000);
    run(1_000, 9_000, 10_000);
    int before = refused;
    run(10_000, 9_000, 10_000);
    assertThat(refused).isEqualTo(before);
  }

  @Test
  void aPauseOfTheStoreRefusesNobodyAndAnOutageIsBounded() {
    run(1_000, 9_000, 30_000);
    run(200, 9_000, 0);
    run(2_000, 9_000, 30_000);
    assertThat(refused).as("a pause of 200 ms").isZero();
    run(10_000, 9_000, 0);
    assertThat(admission.operations()).isEqualTo(WaitLimit.OPERATIONS_MAX);
    run(5_000, 9_000, 30_000);
    int before = refused;
    run(5_000, 9_000, 30_000);
    assertThat(refused).as("after an outage of 10 s").isEqualTo(before);
  }

  /**
   * Operations come evenly; each commit stores what was there when it began, as many as the rate
   * allows.
   */
  private void run(int millis, int offeredPerSecond, int storedPerSecond) {
    double offered = 0;
    double room = 0;
    for (int milli = 0; milli < millis; milli++) {
      for (offered += offeredPerSecond / 1_000.0; offered >= 1; offered--) {
        offer();
      }
      room = Math.min(room + storedPerSecond / 1_000.0, storedPerSecond * commitMillis / 500.0);
      nowNs += MILLI_NS;
      if (milli % commitMillis == 0) {
        long beganNs = nowNs - commitMillis * MILLI_NS;
        for (; room >= 1 && !takenNs.isEmpty() && takenNs.peek() - beganNs < 0; room--) {
          store(takenNs.remove());
        }
      }
    }
  }

  private void offer() {
    if (admission.admits(200)) {
      takenNs.add(admission.take(1, 200));
    } else {
      refused++;
    }
  }

  private void store(long takenAtNs) {
    waitsNs[stored++] = nowNs - takenAtNs;
    admission.durable(1, 200, takenAtNs);
  }

  private long waitMillis(double quantile) {
    long[] sorted = Arrays.copyOf(waitsNs, stored);
    Arrays.sort(sorted);
    return sorted[(int) (stored * quantile)] / MILLI_NS;
  }
}
