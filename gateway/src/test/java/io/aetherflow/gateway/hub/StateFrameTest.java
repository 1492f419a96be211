package io.aetherflow.gateway.hub;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.aetherflow.api.statesync.v1.DocumentContent;
import java.util.List;
import org.junit.jupiter.api.Test;

final class StateFrameTest {
  @Test
  void yjsClientsShareOneMessage() {
    StateFrame frame = frame(ByteString.copyFrom(new byte[] {0, 0}));
    assertThat(frame.yjs().orElseThrow()).isSameAs(frame.yjs().orElseThrow());
  }

  @Test
  void whatIsNoYjsUpdateIsNothingForYjsClients() {
    assertThat(frame(ByteString.copyFromUtf8("{}")).yjs()).isEmpty();
  }

  private static StateFrame frame(ByteString state) {
    List<StateFrame> frames = StateFrame.of(DocumentContent.newBuilder().setData(state).build());
    return frames.getLast();
  }
}
