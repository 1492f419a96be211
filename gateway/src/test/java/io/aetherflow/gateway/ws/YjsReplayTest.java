package io.aetherflow.gateway.ws;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.aetherflow.api.statesync.v1.LockEvent;
import io.aetherflow.api.statesync.v1.Operation;
import io.aetherflow.api.statesync.v1.Restore;
import io.aetherflow.gateway.hub.OperationsFrame;
import io.aetherflow.gateway.testing.YjsSocket;
import io.aetherflow.gateway.yjs.Coverage;
import io.aetherflow.gateway.yjs.MalformedException;
import io.aetherflow.gateway.yjs.YjsMessage;
import io.aetherflow.gateway.yjs.YjsState;
import java.util.List;
import java.util.Optional;
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

  /** Clients 5 and 6 inserted three clocks each, and the second of 5 was deleted. */
  @Test
  void whoHasAllStructsOfTheStateIsSentItsDeletionsOnly() throws MalformedException {
    byte[] deletions = {1, 5, 1, 1, 1};
    byte[] structs = {2, 1, 5, 0, 0, 3, 1, 6, 0, 0, 3};
    YjsState state = YjsState.of(concat(structs, deletions)).orElseThrow();
    byte[] onlyDeletions = YjsMessage.update(concat(new byte[1], deletions));
    assertThat(sent(state, 2, 5, 3, 6, 3)).hasValue(onlyDeletions);
    assertThat(sent(state, 1, 5, 3)).hasValue(state.message());
    assertThat(sent(state, 2, 5, 3, 6, 2)).hasValue(state.message());
    assertThat(sent(YjsState.of(concat(structs, new byte[1])).orElseThrow(), 2, 5, 3, 6, 3))
        .isEmpty();
  }

  private static Optional<byte[]> sent(YjsState state, int... vector) throws MalformedException {
    byte[] bytes = new byte[vector.length];
    for (int i = 0; i < vector.length; i++) {
      bytes[i] = (byte) vector[i];
    }
    return new YjsReplay(Coverage.ofVector(bytes)).add(state);
  }

  private static byte[] concat(byte[] first, byte[] second) {
    return ByteString.copyFrom(first).concat(ByteString.copyFrom(second)).toByteArray();
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
