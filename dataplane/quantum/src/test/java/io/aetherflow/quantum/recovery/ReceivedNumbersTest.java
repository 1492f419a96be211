package io.aetherflow.quantum.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.quantum.recovery.ReceivedNumbers.Arrival;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class ReceivedNumbersTest {
  /** A plain set of settled numbers is the ledger; it is compared after each step. */
  @Property(tries = 200)
  void agreesWithALedgerOfSettledNumbers(@ForAll long seed) {
    Random random = new Random(seed);
    ReceivedNumbers received = new ReceivedNumbers();
    Set<Long> ledger = new HashSet<>();
    long sent = 1;
    for (int step = 0; step < 300; step++) {
      sent += random.nextInt(3);
      long number = Math.max(1, sent - random.nextInt(40));
      if (random.nextInt(20) == 0) {
        received.onForgo(number);
        for (long n = number - 1; n >= 1; n--) {
          ledger.add(n);
        }
      } else {
        boolean added = ledger.add(number);
        assertThat(received.onReceived(number) != Arrival.DUPLICATE).isEqualTo(added);
      }
      compare(received, ledger, sent);
    }
  }

  private static void compare(ReceivedNumbers received, Set<Long> ledger, long sent) {
    long ack = 0;
    while (ledger.contains(ack + 1)) {
      ack++;
    }
    assertThat(received.ack()).isEqualTo(ack);
    for (long n = 1; n <= sent + 1; n++) {
      assertThat(received.isSettled(n)).isEqualTo(ledger.contains(n));
    }
    long ceiling = Long.MAX_VALUE;
    for (int i = 0; i < received.count(); i++) {
      assertThat(received.last(i))
          .isLessThan(ceiling - 1)
          .isGreaterThanOrEqualTo(received.first(i));
      ceiling = received.first(i);
      assertThat(ledger).contains(received.first(i), received.last(i));
    }
    assertThat(ceiling).isGreaterThan(ack + 1);
  }

  @Test
  void arrivalsSayWhetherAnAckIsUrgent() {
    ReceivedNumbers received = new ReceivedNumbers();
    assertThat(received.onReceived(1)).isEqualTo(Arrival.IN_ORDER);
    assertThat(received.onReceived(3)).isEqualTo(Arrival.BEYOND_GAP);
    assertThat(received.onReceived(3)).isEqualTo(Arrival.DUPLICATE);
    assertThat(received.onReceived(2)).isEqualTo(Arrival.IN_ORDER);
    assertThat(received.ack()).isEqualTo(3);
  }

  @Test
  void rangesAtTheLimitAreKeptAndOneMoreIsRefusedUntilAForgo() {
    ReceivedNumbers received = new ReceivedNumbers();
    long number = 1;
    for (int i = 0; i < ReceivedNumbers.RANGES_MAX; i++) {
      number += 2;
      assertThat(received.onReceived(number)).isEqualTo(Arrival.BEYOND_GAP);
    }
    assertThat(received.onReceived(number + 2)).isEqualTo(Arrival.NO_ROOM);
    assertThat(received.isSettled(number + 2)).isFalse();
    assertThat(received.onReceived(1)).isEqualTo(Arrival.BEYOND_GAP);
    assertThat(received.ack()).isEqualTo(1);
    received.onForgo(number);
    assertThat(received.onReceived(number + 2)).isEqualTo(Arrival.BEYOND_GAP);
  }

  @Test
  void forgoNeverGoesBackAndLaterArrivalsBelowAreDuplicates() {
    ReceivedNumbers received = new ReceivedNumbers();
    received.onReceived(12);
    received.onForgo(10);
    received.onForgo(4);
    assertThat(received.ack()).isEqualTo(9);
    assertThat(received.onReceived(8)).isEqualTo(Arrival.DUPLICATE);
    received.onForgo(12);
    assertThat(received.ack()).isEqualTo(12);
    assertThat(received.count()).isZero();
    assertThat(received.largest()).isEqualTo(12);
  }
}
