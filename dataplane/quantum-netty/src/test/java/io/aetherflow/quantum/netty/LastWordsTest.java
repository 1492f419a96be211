package io.aetherflow.quantum.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.SimpleChannelInboundHandler;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What an end writes before it closes its channel reaches the other. */
@Timeout(60)
class LastWordsTest {
  /** Many round trips of a young connection, which the stop of the closing end overtakes. */
  private static final int BYTES = 200_000;

  private static final int FEW_BYTES = 10_000;

  private static final int PIECE_BYTES = 64 << 10;

  private final BlockingQueue<String> answers = EchoPair.queue();
  private EchoPair pair;
  private Channel client;
  private Channel server;

  @BeforeEach
  void open() throws Exception {
    pair = new EchoPair(new QuantumEventLoopGroup(1, "test"));
    client = pair.connect(pair.address(), answers);
    EchoPair.assertEcho(client, answers, "hello");
    server = pair.accepted.remove();
  }

  @AfterEach
  void close() {
    pair.close();
  }

  @Test
  void aServersLastWordsArriveThoughItCloses() throws Exception {

    server
        .writeAndFlush(Unpooled.wrappedBuffer(new byte[BYTES]))
        .addListener(ChannelFutureListener.CLOSE);

    assertLastWords(BYTES);
  }

  /** Its writes find room as long as anybody takes them. */
  @Test
  void aWriterWithoutEndHearsTheLastWordsOfWhoStoppedIt() throws Exception {
    server.pipeline().addFirst(new Swallow(new AtomicInteger()));
    Flood flood = new Flood();
    client.pipeline().addLast(flood);
    client.eventLoop().execute(flood::fill);

    server
        .writeAndFlush(Unpooled.wrappedBuffer(new byte[BYTES]))
        .addListener(ChannelFutureListener.CLOSE);

    assertLastWords(BYTES);
  }

  /** It reads on when its own bytes have gone, be it nowhere. */
  @Test
  void aReaderThatWaitsForItsWritesHearsTheLastWordsOfWhoStoppedIt() throws Exception {
    // What is read before the rest takes effect must not come back.
    server.pipeline().addFirst(new Swallow(new AtomicInteger()));
    server.config().setAutoRead(false);
    client.config().setAutoRead(false);
    client
        .pipeline()
        .addLast(
            new ChannelInboundHandlerAdapter() {
              @Override
              public void channelWritabilityChanged(ChannelHandlerContext ctx) {
                ctx.channel().config().setAutoRead(ctx.channel().isWritable());
              }
            });
    // Both ends share the process's buffers, of which the client will leave none.
    server.writeAndFlush(Unpooled.wrappedBuffer(new byte[FEW_BYTES])).sync();
    client
        .eventLoop()
        .submit(() -> {
          while (client.isWritable()) {
            client.writeAndFlush(Unpooled.wrappedBuffer(new byte[PIECE_BYTES]));
          }
        })
        .sync();

    server.close();

    assertLastWords(FEW_BYTES);
  }

  @Test
  void aClientsLastWordsArriveThoughItCloses() throws Exception {
    AtomicInteger received = new AtomicInteger();
    server.pipeline().addFirst(new Swallow(received));

    client
        .writeAndFlush(Unpooled.wrappedBuffer(new byte[BYTES]))
        .addListener(ChannelFutureListener.CLOSE);

    assertThat(server.closeFuture().await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(received).hasValue(BYTES);
  }

  /** Of the server. */
  private void assertLastWords(int bytes) throws InterruptedException {
    assertThat(client.closeFuture().await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(answers.stream().mapToInt(String::length).sum()).isEqualTo(bytes);
  }

  private static final class Swallow extends SimpleChannelInboundHandler<ByteBuf> {
    private final AtomicInteger bytes;

    Swallow(AtomicInteger bytes) {
      this.bytes = bytes;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, ByteBuf message) {
      bytes.addAndGet(message.readableBytes());
    }
  }

  private static final class Flood extends ChannelInboundHandlerAdapter {
    private static final byte[] PIECE = new byte[4096];

    private ChannelHandlerContext ctx;

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
      this.ctx = ctx;
    }

    void fill() {
      while (ctx.channel().isWritable() && ctx.channel().isActive()) {
        ctx.write(Unpooled.wrappedBuffer(PIECE));
      }
      ctx.flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
      fill();
    }
  }
}
