package io.aetherflow.bench.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.Arena;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LinkShapeTest {
  private static final long RATE = 100_000_000;

  @Test
  void lossShareIsTheProbabilityWhateverTheBurst() {
    for (int burst : new int[] {1, 3}) {
      LinkCounters counters = send(new LinkShape(0, 0, 0.02, burst, 0, 0), 500_000, 1500, 0);
      assertThat(counters.lossShare()).isCloseTo(0.02, within(0.002));
      assertThat(counters.deliveredPackets() + counters.lostPackets()).isEqualTo(500_000);
    }
  }

  @Test
  void fullQueueDrops() {
    LinkCounters counters = send(new LinkShape(0, 0, 0, 1, RATE, 15_000), 100, 1500, 0);
    assertThat(counters.queueDrops()).isEqualTo(89);
  }

  @Test
  void rateSpacesPackets() {
    try (Arena arena = Arena.ofConfined()) {
      LinkShape shape = new LinkShape(1_000_000, 0, 0, 1, RATE, 15_000);
      LinkDirection direction = new LinkDirection(shape, new SplittableRandom(1), arena);
      direction.offer(1250, 0);
      direction.offer(1250, 0);
      assertThat(direction.nextDueNs()).isEqualTo(1_100_000);
      direction.delivered(1_100_000);
      assertThat(direction.nextDueNs()).isEqualTo(1_200_000);
    }
  }

  private static LinkCounters send(LinkShape shape, int packets, int bytes, long nowNs) {
    try (Arena arena = Arena.ofConfined()) {
      LinkDirection direction = new LinkDirection(shape, new SplittableRandom(7), arena);
      for (int i = 0; i < packets; i++) {
        direction.offer(bytes, nowNs);
        if (shape.rateBitsPerSecond() == 0 && direction.nextDueNs() <= nowNs) {
          direction.delivered(nowNs);
        }
      }
      return direction.counters();
    }
  }
}
