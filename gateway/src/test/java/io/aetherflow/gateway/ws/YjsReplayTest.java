package io.aetherflow.gateway.ws;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.aetherflow.api.statesync.v1.LockEvent;
import io.aetherflow.api.statesync.v1.Operation;
import io.aetherflow.api.statesync.v1.Restore;
import io.aetherflow.gateway.hub.OperationsFrame;
import io.aetherflow.gateway.testing.YjsSocket;
import io.aetherflow.gateway.yjs.Coverage;
import java.util.List;
import org.junit.jupiter.api.Test;

final class YjsReplayTest {
  private static final int OPERATION_BYTES = 1 << 20;
  private static final int DUE_AFTER = (int) (YjsStates.DUE_BYTES / OPERATION_BYTES);

  private final YjsReplay replay = new YjsReplay(new Coverage());
  private long seq;

  @Test
  void aStateIsDueWhenTheHistoryIsLong() {
    for (int i = 1; i < DUE_AFTER; i++) {
      pass(update());
    }
    assertThat(replay.stateIsDue()).isFalse();
    pass(update());
    assertThat(replay.stateIsDue()).isTrue();
  }

  @Test
  void locksAreNoObstacle() {
    passMany();
    pass(Operation.newBuilder().setLock(LockEvent.newBuilder().setLock("title")));
    assertThat(replay.stateIsDue()).isTrue();
  }

  @Test
  void whatNoYjsUpdateTellsMustNotBeReplacedByOne() {
    passMany();
    pass(Operation.newBuilder().setData(ByteString.copyFromUtf8("{\"of\": \"another\"}")));
    assertThat(replay.stateIsDue()).isFalse();
  }

  @Test
  void aRestoredVersionMustNotBeReplacedByAMerge() {
    passMany();
    pass(update().setRestore(Restore.getDefaultInstance()));
    assertThat(replay.stateIsDue()).isFalse();
  }

  @Test
  void itIsCompleteWithTheLastOperationOfWhenTheClientCame() {
    replay.attached(2);
    pass(update());
    assertThat(replay.complete()).isFalse();
    pass(update());
    assertThat(replay.complete()).isTrue();
    assertThat(replay.question(true).seq()).isEqualTo(2);
  }

  private void passMany() {
    for (int i = 0; i < DUE_AFTER; i++) {
      pass(update());
    }
    assertThat(replay.stateIsDue()).isTrue();
  }

  /** Large by its writer's name: only the size counts here. */
  private static Operation.Builder update() {
    return Operation.newBuilder()
        .setUser("u".repeat(OPERATION_BYTES))
        .setData(ByteString.copyFrom(YjsSocket.INSERT, 3, YjsSocket.INSERT.length - 3));
  }

  private void pass(Operation.Builder operation) {
    replay.passed(new OperationsFrame("doc", 1, List.of(operation.setSeq(++seq).build())));
  }
}
