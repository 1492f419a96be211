package io.aetherflow.gateway.hub;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.aetherflow.api.statesync.v1.OperationDraft;
import org.junit.jupiter.api.Test;

final class PendingOperationsTest {
  private final PendingBudget budget = new PendingBudget(PendingOperations.BYTES_MAX + 10);
  private final PendingOperations first = new PendingOperations(budget);
  private final PendingOperations second = new PendingOperations(budget);
  private final RecordingSubscriber subscriber = new RecordingSubscriber("c", 0);

  @Test
  void aDocumentsOperationsAreBoundedInNumber() {
    for (int i = 1; i <= PendingOperations.PENDING_MAX; i++) {
      add(first, i, 1);
    }
    assertThat(first.reserve(1)).isFalse();
    first.remove("c", 1);
    assertThat(first.reserve(1)).isTrue();
  }

  @Test
  void aDocumentsBytesAreBounded() {
    add(first, 1, (int) PendingOperations.BYTES_MAX);
    assertThat(first.reserve(1)).isFalse();
    assertThat(second.reserve(10)).as("others are not held up").isTrue();
  }

  @Test
  void allDocumentsTogetherAreBoundedAndGiveBack() {
    add(first, 1, (int) PendingOperations.BYTES_MAX);
    add(second, 1, 10);
    assertThat(second.reserve(1)).isFalse();
    first.clear();
    assertThat(budget.used()).isEqualTo(10);
    second.remove("c", 1);
    second.remove("c", 1);
    assertThat(budget.used()).isZero();
  }

  private void add(PendingOperations operations, int clientSeq, int size) {
    assertThat(operations.reserve(size)).isTrue();
    operations.add(
        subscriber,
        "ann",
        OperationDraft.newBuilder()
            .setClientSeq(clientSeq)
            .setData(ByteString.copyFrom(new byte[size]))
            .build(),
        MessageTrace.NONE,
        0);
  }
}
