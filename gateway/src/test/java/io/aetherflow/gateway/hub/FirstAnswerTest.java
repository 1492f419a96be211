package io.aetherflow.gateway.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.SettableFuture;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
final class FirstAnswerTest {
  private final Deque<ListenableFuture<String>> answers = new ArrayDeque<>();

  @Test
  void aSilentOneIsNotWaitedForWhenAnotherAnswers() {
    SettableFuture<String> silent = SettableFuture.create();
    answers.addAll(List.of(silent, Futures.immediateFuture("b")));
    assertThat(ask()).isEqualTo("b");
    assertThat(silent.isCancelled()).as("it must be seen to fail").isFalse();
  }

  @Test
  void anAnswerInTimeMakesNoFurtherCall() {
    answers.addAll(List.of(Futures.immediateFuture("a"), Futures.immediateFuture("b")));
    assertThat(ask()).isEqualTo("a");
    assertThat(answers).hasSize(1);
  }

  @Test
  void theLastFailureIsToldWhenAllFailed() {
    answers.add(Futures.immediateFailedFuture(Status.UNAVAILABLE.asRuntimeException()));
    assertThatThrownBy(this::ask)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE));
  }

  private String ask() {
    return new FirstAnswer<String>(3, 20).of(answers::remove);
  }
}
