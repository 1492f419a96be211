package io.aetherflow.quantum.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.quantum.ProtocolDocument;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every state and event of a connection is as the protocol's document says. */
class ConnectionStateTest {
  private static final int EVENTS = 4;

  @TestFactory
  List<DynamicTest> everyPairIsTheDocuments() throws IOException {
    List<DynamicTest> pairs =
        ProtocolDocument.transitions(
            "connection", ConnectionState.class, ConnectionStateTest::after);
    assertThat(pairs).hasSize(EVENTS * ConnectionState.values().length);
    return pairs;
  }

  private static ConnectionState after(ConnectionState state, String event) {
    return switch (event) {
      case "established" -> state.onEstablished();
      case "close" -> state.onLocalClose();
      case "peer_close" -> state.onPeerClose();
      case "over" -> state.onOver();
      default -> throw new IllegalArgumentException(event);
    };
  }
}
