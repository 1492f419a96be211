package io.aetherflow.statesync.document;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WaitersTest {
  private static final long LARGE_BYTES = Admission.READ_BYTES_MAX / 2;

  private final Admission admission = new Admission(0, () -> 0);
  private final Waiters waiters = new Waiters("d", admission);
  private final Waiters others = new Waiters("e", admission);
  private final List<String> told = new ArrayList<>();

  private void read(Waiters of, long seq, long bytes) {
    assertThat(of.refuseRead(bytes)).isEmpty();
    of.addRead(seq, bytes, () -> told.add("read " + seq), why -> told.add("lost " + seq));
  }

  @Test
  void statesThatWaitAreBoundedByTheirBytesOverAllDocuments() {
    read(waiters, 1, LARGE_BYTES);
    read(others, 2, LARGE_BYTES);
    assertThat(waiters.refuseRead(0)).isEmpty();
    assertThat(waiters.refuseRead(1))
        .hasValueSatisfying(why -> assertThat(why.reason()).isEqualTo(Refusal.Reason.QUOTA));
    waiters.durable(1);
    assertThat(waiters.refuseRead(LARGE_BYTES)).as("one left").isEmpty();
    others.lost(Refusal.busy("moved"));
    read(others, 3, 2 * Admission.READ_BYTES_MAX);
    assertThat(waiters.refuseRead(1)).as("one that is too large waits alone").isPresent();
    others.durable(3);
    assertThat(told).containsExactly("read 1", "lost 2", "read 3");
    assertThat(waiters.refuseRead(LARGE_BYTES)).isEmpty();
  }

  @Test
  void readsThatWaitAreBoundedByTheirCountToo() {
    for (int i = 0; i < Waiters.FOLLOWERS_MAX; i++) {
      read(waiters, 1, 1);
    }
    assertThat(waiters.refuseRead(1)).isPresent();
    assertThat(others.refuseRead(1)).isEmpty();
    waiters.durable(1);
    assertThat(waiters.refuseRead(1)).isEmpty();
  }

  @Test
  void readsKeepNoWritersOut() {
    read(waiters, 1, 2 * Admission.READ_BYTES_MAX);
    assertThat(admission.admits(Admission.BYTES_MAX)).isTrue();
    assertThat(admission.operations()).isZero();
  }
}
