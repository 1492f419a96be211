package io.aetherflow.quantum.netty;

import io.aetherflow.quantum.TransportTuning;
import io.aetherflow.quantum.connection.ConnectionTrace;
import io.aetherflow.quantum.stream.StreamLimits;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import java.net.InetSocketAddress;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A server whose children are connections, on real sockets, and clients for it. */
final class ConnectionPair implements AutoCloseable {
  final QuantumTransport transport =
      new QuantumTransport(TransportTuning.DEFAULT, ConnectionTrace.NONE);

  /** The server's connections. */
  final BlockingQueue<QuantumConnectionChannel> accepted = new LinkedBlockingQueue<>();

  final Recorder serversEvents = new Recorder();
  private final QuantumEventLoopGroup loops;
  private final Channel server;

  /**
   * @param streamHandler of the streams that clients open; null if none is wanted
   */
  ConnectionPair(QuantumEventLoopGroup loops, StreamLimits limits, ChannelHandler streamHandler)
      throws InterruptedException {
    this.loops = loops;
    server =
        new ServerBootstrap()
            .group(loops, loops)
            .channelFactory(transport.serverConnections(limits))
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    if (streamHandler != null) {
                      channel.pipeline().addLast(new QuantumStreamAcceptor(streamHandler));
                    }
                    channel
                        .pipeline()
                        .addLast(
                            new ChannelInboundHandlerAdapter() {
                              @Override
                              public void channelActive(ChannelHandlerContext ctx) {
                                accepted.add((QuantumConnectionChannel) ctx.channel());
                              }

                              @Override
                              public void exceptionCaught(
                                  ChannelHandlerContext ctx, Throwable cause) {
                                serversEvents.failed.complete(cause);
                              }
                            });
                  }
                })
            .bind(new InetSocketAddress("127.0.0.1", 0))
            .sync()
            .channel();
  }

  InetSocketAddress address() {
    return (InetSocketAddress) server.localAddress();
  }

  /**
   * @param streamHandler of the streams that the server opens
   */
  QuantumConnectionChannel connect(InetSocketAddress to, ChannelHandler streamHandler)
      throws InterruptedException {
    return (QuantumConnectionChannel)
        new Bootstrap()
            .group(loops)
            .channelFactory(transport.clientConnections())
            .handler(new QuantumStreamAcceptor(streamHandler))
            .connect(to)
            .sync()
            .channel();
  }

  static QuantumStreamChannel open(QuantumConnectionChannel connection, ChannelHandler handler)
      throws InterruptedException {
    return connection.openStream(handler).sync().getNow();
  }

  QuantumConnectionChannel serversEnd() throws InterruptedException {
    return accepted.poll(20, TimeUnit.SECONDS);
  }

  static byte[] content(long seed, int length) {
    byte[] content = new byte[length];
    new Random(seed).nextBytes(content);
    return content;
  }

  /** Sends everything, then the end. */
  static void send(QuantumStreamChannel stream, byte[] content) {
    stream
        .writeAndFlush(Unpooled.wrappedBuffer(content))
        .addListener(QuantumStreamChannel.SHUTDOWN_OUTPUT);
  }

  /** Gives back what comes, and ends when the peer does. */
  @ChannelHandler.Sharable
  static final class Echo extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ctx.writeAndFlush(message);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event == ChannelInputShutdownEvent.INSTANCE) {
        ((DuplexChannel) ctx.channel()).shutdownOutput();
      }
    }
  }

  @Override
  public void close() {
    server.close();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
