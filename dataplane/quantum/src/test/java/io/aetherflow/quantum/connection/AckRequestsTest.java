package io.aetherflow.quantum.connection;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AckRequestsTest {
  private static final int PACKET = 1000;

  private final AckRequests requests = new AckRequests();

  private int asked(int packets, long inFlight, long window) {
    return asked(packets, inFlight, window, 0);
  }

  private int asked(int packets, long inFlight, long window, long nsPerPacket) {
    int count = 0;
    for (int i = 0; i < packets; i++) {
      count += requests.isDue(PACKET, inFlight, window, i * nsPerPacket) ? 1 : 0;
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
  void aSlowFlowWithALargeWindowIsAnsweredEveryMillisecond() {
    assertThat(asked(800, 400 * PACKET, 800 * PACKET, 250_000)).isEqualTo(199);
  }

  @Test
  void packetsFarApartAreNotAnsweredOneByOne() {
    assertThat(asked(100, 400 * PACKET, 800 * PACKET, 5_000_000)).isEqualTo(50);
  }

  @Test
  void aFlowThatUsesLittleOfItsWindowDoesNotAsk() {
    assertThat(asked(100, 10 * PACKET, 60 * PACKET)).isZero();
  }
}
