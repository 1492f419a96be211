package io.aetherflow.quantum.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class QuantumEventLoopGroupTest {
  @Test
  void aTimerSetOnALoopStaysThere() throws Exception {
    QuantumEventLoopGroup group = new QuantumEventLoopGroup(3, "test");
    try {
      for (int i = 0; i < 3; i++) {
        EventLoop loop = group.next();
        List<CompletableFuture<Boolean>> ran = new ArrayList<>();
        loop.submit(
                () -> {
                  for (int timer = 0; timer < 3; timer++) {
                    CompletableFuture<Boolean> onLoop = new CompletableFuture<>();
                    group.schedule(
                        () -> onLoop.complete(loop.inEventLoop()), 1, TimeUnit.MILLISECONDS);
                    ran.add(onLoop);
                  }
                })
            .get(10, TimeUnit.SECONDS);
        for (CompletableFuture<Boolean> each : ran) {
          assertThat(each.get(10, TimeUnit.SECONDS)).isTrue();
        }
      }
    } finally {
      group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
  }

  @Test
  void aTimerOfAnyOtherThreadRuns() throws Exception {
    QuantumEventLoopGroup group = new QuantumEventLoopGroup(1, "test");
    try {
      assertThat(group.schedule(() -> 7, 1, TimeUnit.MILLISECONDS).get(10, TimeUnit.SECONDS))
          .isEqualTo(7);
    } finally {
      group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
  }
}
