package io.aetherflow.quantum.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What an idle end keeps on the heap and off it, its Netty channels and a client's UDP socket
 * included, after a megabyte each way on one stream. {@code -Dpairs=10000} makes as many as the bar
 * asks for, on a machine that allows so many open files.
 */
@Timeout(600)
class IdleChannelsTest {
  private static final int PAIRS = Integer.getInteger("pairs", 300);
  private static final int BYTES = 1 << 20;
  private static final int PER_END_MAX_BYTES = 32 * 1024;

  /** Buffers are given back 2 to 4 s after the last packet of a socket's only connection. */
  private static final int TRIMMED_AFTER_SECONDS = 6;

  /** What a server's connections share is given back after the next keep-alive. */
  private static final int ALL_TRIMMED_AFTER_SECONDS = 20;

  private final QuantumEventLoopGroup loops = new QuantumEventLoopGroup(1, "test");
  private final List<Channel> clients = new ArrayList<>();

  @Test
  void anIdleEndKeepsAtMost32Kilobytes() throws Exception {
    try (EchoPair pair = new EchoPair(loops)) {
      clients.add(used(pair));
      pause(TRIMMED_AFTER_SECONDS);
      long before = usedBytes();
      for (int i = 0; i < PAIRS; i++) {
        clients.add(used(pair));
      }
      pause(ALL_TRIMMED_AFTER_SECONDS);
      long perEnd = (usedBytes() - before) / (2 * PAIRS);
      System.out.printf("%d bytes per idle end with Netty, %d connections%n", perEnd, PAIRS);
      assertThat(perEnd).isPositive().isLessThanOrEqualTo(PER_END_MAX_BYTES);
      assertThat(clients).hasSize(PAIRS + 1).allMatch(Channel::isActive);
      assertThat(pair.accepted).hasSize(PAIRS + 1).allMatch(Channel::isActive);
    }
  }

  private Channel used(EchoPair pair) throws Exception {
    CompletableFuture<Void> echoed = new CompletableFuture<>();
    Channel client =
        new Bootstrap()
            .group(loops)
            .channelFactory(pair.transport.clientChannels())
            .handler(new Counting(echoed))
            .connect(pair.address())
            .sync()
            .channel();
    client.writeAndFlush(Unpooled.wrappedBuffer(new byte[BYTES]));
    echoed.get(30, TimeUnit.SECONDS);
    return client;
  }

  /** The timers that are to pass are real ones, and tell nobody. */
  private void pause(int seconds) throws InterruptedException {
    loops.schedule(() -> {}, seconds, TimeUnit.SECONDS).sync();
  }

  private static long usedBytes() {
    long used = Long.MAX_VALUE;
    for (int i = 0; i < 5; i++) {
      System.gc();
      used = Math.min(used, Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());
    }
    return used + direct(ByteBufAllocator.DEFAULT) + direct(PooledByteBufAllocator.DEFAULT);
  }

  private static long direct(ByteBufAllocator allocator) {
    return ((ByteBufAllocatorMetricProvider) allocator).metric().usedDirectMemory();
  }

  /** Done when as much has come as was sent. */
  private static final class Counting extends SimpleChannelInboundHandler<ByteBuf> {
    private final CompletableFuture<Void> done;
    private int left = BYTES;

    Counting(CompletableFuture<Void> done) {
      this.done = done;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, ByteBuf message) {
      left -= message.readableBytes();
      if (left == 0) {
        done.complete(null);
      }
    }
  }
}
