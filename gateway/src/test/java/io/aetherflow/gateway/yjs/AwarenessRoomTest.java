package io.aetherflow.gateway.yjs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class AwarenessRoomTest {
  private static final AwarenessState ANN = new AwarenessState(7, 3, "{}");

  private long nowNs;
  private final AwarenessRoom room = new AwarenessRoom(() -> nowNs);

  @BeforeEach
  void annIsHere() {
    room.join("s1");
    assertThat(room.apply("s1", List.of(ANN))).containsExactly(ANN);
  }

  @Test
  void aGoodbyeSaidForTheClientIsNewsToItsRoomOnce() {
    List<AwarenessState> left = room.leave("s1");
    assertThat(left).containsExactly(ANN.asGone());
    assertThat(room.apply("s1", left)).isEqualTo(left);
    assertThat(room.apply("s1", left)).isEmpty();
  }

  @Test
  void theGoodbyeOfAnOldSocketDoesNotRemoveWhoIsBackOnANewOne() {
    List<AwarenessState> left = room.leave("s1");
    AwarenessState back = new AwarenessState(7, 4, "{}");
    assertThat(room.apply("s2", List.of(back))).containsExactly(back);
    assertThat(room.apply("s1", left)).isEmpty();
    assertThat(room.states()).containsExactly(back);
  }

  @Test
  void whatIsNotRenewedIsForgotten() {
    nowNs += AwarenessRoom.EXPIRY_NS;
    assertThat(room.states()).isEmpty();
  }
}
