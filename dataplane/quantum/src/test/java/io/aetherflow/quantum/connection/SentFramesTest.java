package io.aetherflow.quantum.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.quantum.stream.SentKind;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Records of sent frames, through growing and giving back. */
class SentFramesTest {
  private final SentFrames frames = new SentFrames();

  private void send(long number, int count) {
    for (int i = 0; i < count; i++) {
      frames.record(SentKind.PING, null, number, i);
    }
    frames.commit(number);
  }

  private List<String> of(long number) {
    List<String> seen = new ArrayList<>();
    frames.visit(number, (kind, stream, offset, length) -> seen.add(offset + ":" + length));
    return seen;
  }

  @Test
  void trimmingKeepsWhatIsOpenAndForgetsNothingLater() {
    for (long number = 1; number <= 3000; number++) {
      send(number, 3);
    }
    frames.releaseBelow(2999);
    frames.trim();
    assertThat(of(2998)).isEmpty();
    assertThat(of(2999)).containsExactlyInAnyOrder("2999:0", "2999:1", "2999:2");
    frames.releaseBelow(3001);
    frames.trim();
    for (long number = 3001; number <= 6000; number++) {
      send(number, 2);
    }
    for (long number = 3001; number <= 6000; number++) {
      assertThat(of(number)).containsExactlyInAnyOrder(number + ":0", number + ":1");
    }
    assertThat(of(3000)).isEmpty();
  }
}
