package io.aetherflow.gateway.hub;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.aetherflow.api.statesync.v1.Presence;
import io.aetherflow.api.statesync.v1.SyncRequest;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class OutgoingRequestsTest {
  private static final ByteString DATA = ByteString.copyFrom(new byte[64 * 1024]);

  private final OutgoingRequests waiting = new OutgoingRequests();

  @Test
  void manyCursorsOfOneDocumentLeaveAnothersGoodbyeAlone() {
    waiting.addPresence(presence("quiet", "goodbye", ByteString.EMPTY));
    for (int i = 0; i < 100; i++) {
      waiting.addPresence(presence("busy", "cursor" + i, DATA));
    }
    List<String> left = drain();
    assertThat(left).startsWith("goodbye").endsWith("cursor99").doesNotContain("cursor0");
  }

  @Test
  void documentsTakeTurns() {
    for (String document : List.of("a", "b")) {
      for (int i = 0; i < 2; i++) {
        waiting.addPresence(presence(document, document + i, ByteString.EMPTY));
      }
    }
    assertThat(drain()).containsExactly("a0", "b0", "a1", "b1");
  }

  private List<String> drain() {
    List<String> clients = new ArrayList<>();
    while (!waiting.isEmpty()) {
      clients.add(waiting.remove().request().getPresence().getClientId());
    }
    return clients;
  }

  private static SyncRequest presence(String document, String client, ByteString data) {
    return SyncRequest.newBuilder()
        .setPresence(Presence.newBuilder().setDocument(document).setClientId(client).setData(data))
        .build();
  }
}
