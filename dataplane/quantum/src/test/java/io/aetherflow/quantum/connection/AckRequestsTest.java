package io.aetherflow.quantum.connection;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AckRequestsTest {
  private static final int PACKET = 1000;

  private final AckRequests requests = new AckRequests();

  private int asked(int packets, long inFlight, long window) {
    int count = 0;
    for (int i = 0; i < packets; i++) {
      count += requests.isDue(PACKET, inFlight, window) ? 1 : 0;
    }
    return count;
  }

  @Test
  void aSmallWindowIsAnsweredEverySecondPacket() {
    assertThat(asked(100, 3 * PACKET, 4 * PACKET)).isEqualTo(50);
  }

  @Test
  void aLargeWindowIsAnsweredEightTimes() {
    assertThat(asked(800, 400 * PACKET, 800 * PACKET)).isEqualTo(8);
  }

  @Test
  void aFlowThatUsesLittleOfItsWindowDoesNotAsk() {
    assertThat(asked(100, 10 * PACKET, 60 * PACKET)).isZero();
  }
}
