package io.aetherflow.quantum.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.quantum.frame.RangeList;
import java.util.HashSet;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Sender and receiver halves over a link that loses, delays and reorders, in virtual time. The
 * ledger knows what really arrived.
 */
class RecoverySimulationTest {
  private static final long MS = 1_000_000;
  private static final int SEEDS = 60;
  private static final int PACKETS = 1500;

  private record Event(long atNs, long order, Runnable action) implements Comparable<Event> {
    @Override
    public int compareTo(Event that) {
      int byTime = Long.compare(atNs, that.atNs);
      return byTime != 0 ? byTime : Long.compare(order, that.order);
    }
  }

  @Test
  void everyNumberIsClosedAndOnlyArrivalsAreAcked() {
    for (int seed = 0; seed < SEEDS; seed++) {
      new World(seed).run();
    }
  }

  private static final class World implements RecoveryListener {
    private final int seed;
    private final Random random;
    private final double loss;
    private final long jitterNs;
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private final SentPackets sent = new SentPackets();
    private final RttEstimator rtt = new RttEstimator();
    private final LossDetector losses = new LossDetector(sent, rtt, 5 * MS);
    private final AckProcessor acks = new AckProcessor(sent, rtt, losses);
    private final ReceivedNumbers received = new ReceivedNumbers();
    private final Set<Long> arrived = new HashSet<>();
    private final Set<Long> acked = new HashSet<>();
    private final Set<Long> lost = new HashSet<>();
    private long inFlight;
    private long nowNs;
    private long order;

    World(int seed) {
      this.seed = seed;
      random = new Random(seed);
      loss = random.nextDouble() * 0.3;
      jitterNs = 1 + random.nextInt(3) * 8 * MS;
    }

    void run() {
      for (int i = 0; i < PACKETS; i++) {
        at(i * MS / 4, this::send);
      }
      int steps = 0;
      while (sent.nextNumber() <= PACKETS || sent.oldest() < sent.nextNumber()) {
        assertThat(steps++).as("seed %d never settles", seed).isLessThan(100_000);
        step();
        assertThat(sent.bytesInFlight()).as("seed %d", seed).isEqualTo(inFlight);
        assertThat(sent.bytesInFlight() > 0)
            .as("seed %d has a timer", seed)
            .isEqualTo(losses.nextTimeoutNs() != LossDetector.NEVER);
      }
      assertThat(arrived).as("seed %d", seed).containsAll(acked);
      for (long n = 1; n < sent.nextNumber(); n++) {
        assertThat(acked.contains(n) || lost.contains(n)).as("seed %d number %d", seed, n).isTrue();
      }
    }

    private void step() {
      long timeoutNs = losses.nextTimeoutNs();
      if (!events.isEmpty() && events.peek().atNs() <= timeoutNs) {
        Event event = events.poll();
        nowNs = event.atNs();
        event.action().run();
      } else if (timeoutNs != LossDetector.NEVER) {
        nowNs = Math.max(nowNs, timeoutNs);
        if (losses.onTimeout(nowNs, this) == LossDetector.Timeout.PROBE) {
          send();
        }
      } else {
        nowNs += 20 * MS;
        send();
      }
    }

    private void send() {
      int bytes = 100 + random.nextInt(1100);
      long forgo = sent.forgo(nowNs, Math.max(rtt.smoothedNs(), MS));
      acks.onForgoSent(forgo);
      long number = sent.onSent(bytes, nowNs);
      losses.onSent(nowNs);
      inFlight += bytes;
      if (random.nextDouble() >= loss) {
        at(nowNs + delayNs(), () -> arrive(number, forgo));
      }
    }

    private void arrive(long number, long forgo) {
      received.onForgo(forgo);
      if (received.onReceived(number) != ReceivedNumbers.Arrival.NO_ROOM) {
        arrived.add(number);
      }
      long ack = received.ack();
      RangeList above = new RangeList();
      for (int i = 0; i < Math.min(received.count(), 8); i++) {
        above.add(received.first(i), received.last(i));
      }
      if (random.nextDouble() >= loss) {
        at(
            nowNs + delayNs(),
            () -> assertThat(acks.onAck(ack, above, 0, nowNs, this)).as("seed %d", seed).isTrue());
      }
    }

    private long delayNs() {
      return 20 * MS + random.nextLong(jitterNs);
    }

    private void at(long atNs, Runnable action) {
      events.add(new Event(atNs, order++, action));
    }

    @Override
    public void onAcked(long number, int bytes, long sentNs) {
      assertThat(acked.add(number)).as("seed %d", seed).isTrue();
      assertThat(lost).doesNotContain(number);
      inFlight -= bytes;
    }

    @Override
    public void onLost(long number, int bytes, long sentNs) {
      assertThat(lost.add(number)).as("seed %d", seed).isTrue();
      inFlight -= bytes;
    }

    @Override
    public void onSpuriousLoss(long number, int bytes, long sentNs) {
      assertThat(lost).as("seed %d", seed).contains(number);
      assertThat(acked.add(number)).as("seed %d", seed).isTrue();
    }
  }
}
