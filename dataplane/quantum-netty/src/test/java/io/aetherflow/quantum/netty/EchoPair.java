package io.aetherflow.quantum.netty;

import io.aetherflow.quantum.TransportTuning;
import io.aetherflow.quantum.connection.ConnectionTrace;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import java.net.InetSocketAddress;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A server that echoes, on real sockets, and clients for it. */
final class EchoPair implements AutoCloseable {
  final QuantumTransport transport =
      new QuantumTransport(TransportTuning.DEFAULT, ConnectionTrace.NONE);

  /** The server's streams. */
  final Queue<Channel> accepted = new ConcurrentLinkedQueue<>();

  private final QuantumEventLoopGroup loops;
  private final Channel server;

  EchoPair(QuantumEventLoopGroup loops) throws InterruptedException {
    this.loops = loops;
    server = bind(new InetSocketAddress("127.0.0.1", 0));
  }

  Channel bind(InetSocketAddress address) throws InterruptedException {
    return new ServerBootstrap()
        .group(loops, loops)
        .channelFactory(transport.serverChannels())
        .childHandler(
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel channel) {
                accepted.add(channel);
                channel.pipeline().addLast(new Echo());
              }
            })
        .bind(address)
        .sync()
        .channel();
  }

  InetSocketAddress address() {
    return (InetSocketAddress) server.localAddress();
  }

  /** A connected client channel whose answers go into the queue. */
  Channel connect(InetSocketAddress to, BlockingQueue<String> answers) throws InterruptedException {
    return new Bootstrap()
        .group(loops)
        .channelFactory(transport.clientChannels())
        .handler(new Answers(answers))
        .connect(to)
        .sync()
        .channel();
  }

  static void assertEcho(Channel client, BlockingQueue<String> answers, String text)
      throws InterruptedException {
    client.writeAndFlush(ByteBufUtil.writeAscii(client.alloc(), text));
    StringBuilder got = new StringBuilder();
    while (got.length() < text.length()) {
      got.append(answers.poll(20, TimeUnit.SECONDS));
    }
    org.assertj.core.api.Assertions.assertThat(got.toString()).isEqualTo(text);
  }

  static BlockingQueue<String> queue() {
    return new LinkedBlockingQueue<>();
  }

  @Override
  public void close() {
    server.close();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  private static final class Echo extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ctx.writeAndFlush(message);
    }

    /** Some tests end with open connections. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }

  private static final class Answers extends SimpleChannelInboundHandler<ByteBuf> {
    private final BlockingQueue<String> answers;

    Answers(BlockingQueue<String> answers) {
      this.answers = answers;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, ByteBuf message) {
      answers.add(message.toString(java.nio.charset.StandardCharsets.US_ASCII));
    }
  }
}
