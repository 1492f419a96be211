package io.aetherflow.gateway.hub;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.aetherflow.api.statesync.v1.Presence;
import io.aetherflow.api.statesync.v1.SyncRequest;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

final class WaitingPresenceTest {
  private static final ByteString DATA = ByteString.copyFrom(new byte[64 * 1024]);

  private final WaitingPresence waiting = new WaitingPresence();

  @Test
  void manyCursorsOfOneDocumentLeaveAnothersGoodbyeAlone() {
    waiting.add(presence("quiet", "goodbye", ByteString.EMPTY));
    for (int i = 0; i < 100; i++) {
      waiting.add(presence("busy", "cursor" + i, DATA));
    }
    List<String> left = drain();
    assertThat(left).startsWith("goodbye").endsWith("cursor99").doesNotContain("cursor0");
  }

  @Test
  void documentsTakeTurns() {
    for (String document : List.of("a", "b")) {
      for (int i = 0; i < 2; i++) {
        waiting.add(presence(document, document + i, ByteString.EMPTY));
      }
    }
    assertThat(drain()).containsExactly("a0", "b0", "a1", "b1");
  }

  @Test
  void oneThatHasMuchWaitingMakesRoomHoweverManyHaveLittle() {
    int quiet = 1_000;
    for (int i = 0; i < quiet; i++) {
      waiting.add(presence("quiet" + i, "quiet", ByteString.EMPTY));
    }
    for (int i = 0; i < 100; i++) {
      waiting.add(presence("busy", "cursor", DATA));
      waiting.add(presence("alsoBusy", "cursor", DATA));
    }
    assertThat(drain()).filteredOn("quiet"::equals).hasSize(quiet);
  }

  /** Walking the thousands of documents that wait, each time, would take half a minute. */
  @Test
  @Timeout(15)
  void whatIsFullTakesMoreInTheSameTimeHoweverManyDocumentsWait() {
    int added = 500_000;
    for (int i = 0; i < added; i++) {
      waiting.add(
          presence("document%06d".formatted(i), "cursor%06d".formatted(i), ByteString.EMPTY));
    }
    assertThat(drain())
        .hasSizeBetween(10_000, 50_000)
        .endsWith("cursor" + (added - 1))
        .doesNotContain("cursor000000");
  }

  @Test
  void whatWasTakenLeavesRoom() {
    for (int round = 0; round < 100; round++) {
      for (int i = 0; i < 10; i++) {
        waiting.add(presence("a", "cursor" + i, DATA));
      }
      assertThat(drain()).hasSize(10);
    }
  }

  private List<String> drain() {
    List<String> clients = new ArrayList<>();
    while (!waiting.isEmpty()) {
      clients.add(waiting.remove().getPresence().getClientId());
    }
    return clients;
  }

  private static SyncRequest presence(String document, String client, ByteString data) {
    return SyncRequest.newBuilder()
        .setPresence(Presence.newBuilder().setDocument(document).setClientId(client).setData(data))
        .build();
  }
}
