package io.aetherflow.quantum.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A connection that never pauses leaves the event loop that it shares to others in between. */
@Timeout(60)
class BoundedTurnsTest {
  private static final int CALLS = 20;

  @Test
  void callsAreAnsweredWhileAnotherConnectionFloodsTheSameEventLoop() throws Exception {
    QuantumEventLoopGroup loops = new QuantumEventLoopGroup(1, "test");
    try (EchoPair pair = new EchoPair(loops)) {
      Flood flood = new Flood();
      new Bootstrap()
          .group(loops)
          .channelFactory(pair.transport.clientChannels())
          .handler(flood)
          .connect(pair.address())
          .sync();
      assertThat(flood.flows.await(20, TimeUnit.SECONDS)).isTrue();
      BlockingQueue<String> answers = EchoPair.queue();
      Channel client = pair.connect(pair.address(), answers);
      for (int i = 0; i < CALLS; i++) {
        EchoPair.assertEcho(client, answers, "call " + i);
      }
      assertThat(flood.echoedBytes).as("the flood went on").isGreaterThan(flood.bytesAtFirst);
    }
  }

  /** Keeps the channel full of data for as long as it lives. */
  private static final class Flood extends SimpleChannelInboundHandler<ByteBuf> {
    private static final byte[] CHUNK = new byte[64 * 1024];

    /** Of echoes, before the calls begin. */
    private static final long FLOWING_BYTES = 4 << 20;

    final CountDownLatch flows = new CountDownLatch(1);
    volatile long echoedBytes;
    volatile long bytesAtFirst;

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      fill(ctx);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
      fill(ctx);
    }

    private void fill(ChannelHandlerContext ctx) {
      while (ctx.channel().isWritable()) {
        ctx.write(Unpooled.wrappedBuffer(CHUNK));
      }
      ctx.flush();
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, ByteBuf message) {
      echoedBytes += message.readableBytes();
      if (flows.getCount() > 0 && echoedBytes > FLOWING_BYTES) {
        bytesAtFirst = echoedBytes;
        flows.countDown();
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }
}
