package io.aetherflow.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Vertx;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class ContextLoopTest {
  private final Vertx vertx = Vertx.vertx();
  private final ContextLoop loop = new ContextLoop(vertx);

  @Test
  void answersThatComeAfterTheEndAreDropped() throws Exception {
    CompletableFuture<Void> ran = new CompletableFuture<>();
    loop.after(1, () -> ran.complete(null));
    ran.get(10, TimeUnit.SECONDS);
    AtomicBoolean late = new AtomicBoolean();
    loop.end();
    vertx.close().await();
    loop.execute(() -> late.set(true));
    loop.after(1, () -> late.set(true));
    assertThat(late).isFalse();
  }

  @Test
  void anEndThatNobodyMeantIsAFailure() {
    vertx.close().await();
    assertThatThrownBy(() -> loop.execute(() -> {})).isInstanceOf(RejectedExecutionException.class);
  }
}
