package io.aetherflow.quantum.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aetherflow.quantum.recovery.SentPackets.State;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class SentPacketsTest {
  private static final long WAIT_NS = 40;

  private record Entry(int bytes, State state, long lostNs) {}

  /** Every packet ever sent in a map, bytes in flight summed afresh after each step. */
  @Property(tries = 200)
  void agreesWithAnIndependentLedger(@ForAll long seed) {
    Random random = new Random(seed);
    SentPackets sent = new SentPackets();
    Map<Long, Entry> ledger = new HashMap<>();
    for (long now = 0; now < 400; now++) {
      step(random, sent, ledger, now);
      long inFlight =
          ledger.values().stream()
              .filter(e -> e.state() == State.IN_FLIGHT)
              .mapToLong(Entry::bytes)
              .sum();
      assertThat(sent.bytesInFlight()).isEqualTo(inFlight);
      assertThat(sent.forgo(now, WAIT_NS)).isEqualTo(forgo(ledger, now));
      for (long n = sent.oldest(); n <= sent.largestSent(); n++) {
        assertThat(sent.state(n)).isEqualTo(ledger.get(n).state());
        assertThat(sent.bytes(n)).isEqualTo(ledger.get(n).bytes());
      }
    }
  }

  private static void step(Random random, SentPackets sent, Map<Long, Entry> ledger, long now) {
    long number = 1 + (long) (random.nextDouble() * sent.largestSent());
    Entry entry = ledger.get(number);
    boolean open =
        entry != null && (entry.state() == State.IN_FLIGHT || entry.state() == State.LOST);
    switch (random.nextInt(8)) {
      case 0, 1, 2, 3 -> {
        int bytes = random.nextInt(5) == 0 ? 0 : random.nextInt(1500);
        long assigned = sent.onSent(bytes, now);
        assertThat(assigned).isEqualTo(ledger.size() + 1L);
        ledger.put(assigned, new Entry(bytes, bytes == 0 ? State.ACKED : State.IN_FLIGHT, 0));
      }
      case 4, 5 -> {
        sent.onAcked(number);
        if (open) {
          ledger.put(number, new Entry(entry.bytes(), State.ACKED, 0));
        }
      }
      case 6 -> {
        boolean lost = sent.onLost(number, now);
        assertThat(lost).isEqualTo(open && entry.state() == State.IN_FLIGHT);
        if (lost) {
          ledger.put(number, new Entry(entry.bytes(), State.LOST, now));
        }
      }
      default -> {
        sent.onRecovered(number, now);
        if (open) {
          long since = entry.state() == State.LOST ? entry.lostNs() : now;
          ledger.put(number, new Entry(entry.bytes(), State.RECOVERED, since));
        }
        long forgone = sent.forgo(now, WAIT_NS);
        sent.onCumulative(forgone - 1);
      }
    }
  }

  private static long forgo(Map<Long, Entry> ledger, long now) {
    long number = 1;
    while (ledger.containsKey(number)) {
      Entry entry = ledger.get(number);
      boolean settled =
          entry.state() == State.ACKED
              || (entry.state() != State.IN_FLIGHT && now - entry.lostNs() >= WAIT_NS);
      if (!settled) {
        break;
      }
      number++;
    }
    return number;
  }

  @Test
  void aLateAckOfALostPacketSaysSoOnce() {
    SentPackets sent = new SentPackets();
    sent.onSent(100, 0);
    sent.onSent(100, 0);
    assertThat(sent.onLost(2, 5)).isTrue();
    assertThat(sent.onLost(2, 6)).isFalse();
    assertThat(sent.bytesInFlight()).isEqualTo(100);
    assertThat(sent.onAcked(2)).isEqualTo(State.LOST);
    assertThat(sent.onAcked(2)).isEqualTo(State.ACKED);
    assertThat(sent.onAcked(3)).isEqualTo(State.NONE);
    assertThat(sent.bytesInFlight()).isEqualTo(100);
  }

  @Test
  void theSpanIsBoundedAndACumulativeAckFreesIt() {
    SentPackets sent = new SentPackets();
    for (int i = 0; i < SentPackets.SPAN_MAX; i++) {
      sent.onSent(1, i);
    }
    assertThat(sent.hasRoom()).isFalse();
    assertThatThrownBy(() -> sent.onSent(1, 0)).isInstanceOf(IllegalStateException.class);
    assertThat(sent.sentNs(1)).isZero();
    assertThat(sent.sentNs(70_000)).isEqualTo(69_999);
    sent.onAcked(1);
    assertThat(sent.hasRoom()).isTrue();
    sent.onCumulative(Long.MAX_VALUE - 1);
    assertThat(sent.bytesInFlight()).isZero();
    assertThat(sent.oldest()).isEqualTo(sent.nextNumber());
    assertThatThrownBy(() -> sent.sentNs(1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void trimmingKeepsWhatIsOpenAndLaterNumbersFindRoomAgain() {
    SentPackets sent = new SentPackets();
    for (int i = 1; i <= 5000; i++) {
      sent.onSent(i, 10 * i);
    }
    sent.onLost(4990, 60_000);
    for (int i = 1; i <= 5000; i++) {
      if (i != 4990 && i != 4995) {
        sent.onAcked(i);
      }
    }
    sent.trim();
    assertThat(sent.state(4990)).isEqualTo(State.LOST);
    assertThat(sent.state(4995)).isEqualTo(State.IN_FLIGHT);
    assertThat(sent.bytes(4995)).isEqualTo(4995);
    assertThat(sent.sentNs(4995)).isEqualTo(49_950);
    assertThat(sent.bytesInFlight()).isEqualTo(4995);
    for (int i = 5001; i <= 9000; i++) {
      assertThat(sent.onSent(1, i)).isEqualTo(i);
    }
    assertThat(sent.bytes(4995)).isEqualTo(4995);
    assertThat(sent.state(4990)).isEqualTo(State.LOST);
  }
}
