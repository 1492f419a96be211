package io.aetherflow.quantum.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.quantum.ProtocolDocument;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every state and event of a stream's halves is as the protocol's document says. */
class StreamStatesTest {
  @TestFactory
  List<DynamicTest> sending() throws IOException {
    List<DynamicTest> pairs =
        ProtocolDocument.transitions(
            "sending",
            SendState.class,
            (state, event) ->
                switch (event) {
                  case "finish" -> state.onFinish();
                  case "reset" -> state.onReset();
                  case "delivered" -> state.onDelivered();
                  default -> throw new IllegalArgumentException(event);
                });
    assertThat(pairs).hasSize(3 * SendState.values().length);
    return pairs;
  }

  @TestFactory
  List<DynamicTest> receiving() throws IOException {
    List<DynamicTest> pairs =
        ProtocolDocument.transitions(
            "receiving",
            ReceiveState.class,
            (state, event) ->
                switch (event) {
                  case "stop" -> state.onStop();
                  case "end" -> state.onEnd();
                  default -> throw new IllegalArgumentException(event);
                });
    assertThat(pairs).hasSize(2 * ReceiveState.values().length);
    return pairs;
  }
}
