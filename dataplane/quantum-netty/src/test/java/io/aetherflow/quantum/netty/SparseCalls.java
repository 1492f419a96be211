package io.aetherflow.quantum.netty;

import com.sun.management.ThreadMXBean;
import io.aetherflow.quantum.TransportTuning;
import io.aetherflow.quantum.connection.ConnectionTrace;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;

/**
 * What packets cost when they come one by one: a thousand bytes to a server and back, one call at a
 * time, an event loop at each end. By hand, for {@code docs/benchmarks.md}; arguments as for {@link
 * StreamGoodput}.
 */
final class SparseCalls {
  private static final int CALL_BYTES = 1000;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private SparseCalls() {}

  private record Mark(long calls, long packets, long allocatedBytes, long nowNs) {}

  /** Counts packets; those of one end come on one thread. */
  private static final class Counter implements ConnectionTrace {
    long packets;

    @Override
    public void onPacketSent(long number, int bytes, boolean inFlight, long nowNs) {
      packets++;
    }

    @Override
    public void onPacketReceived(long number, int bytes, long nowNs) {
      packets++;
    }
  }

  public static void main(String[] args) throws Exception {
    boolean epoll = args.length == 0 || args[0].equals("epoll");
    int intervals = args.length < 2 ? 10 : Integer.parseInt(args[1]);
    IoHandlerFactory io = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    QuantumEventLoopGroup serverLoop = new QuantumEventLoopGroup(1, "bench-server", io);
    QuantumEventLoopGroup clientLoop = new QuantumEventLoopGroup(1, "bench-client", io);
    Counter serverTrace = new Counter();
    Counter clientTrace = new Counter();
    Channel server =
        new ServerBootstrap()
            .group(serverLoop, serverLoop)
            .channelFactory(
                new QuantumTransport(TransportTuning.DEFAULT, serverTrace).serverChannels())
            .childHandler(new Echo())
            .bind(new InetSocketAddress("127.0.0.1", 0))
            .sync()
            .channel();
    Caller caller = new Caller();
    Channel client =
        new Bootstrap()
            .group(clientLoop)
            .channelFactory(
                new QuantumTransport(TransportTuning.DEFAULT, clientTrace).clientChannels())
            .handler(caller)
            .connect(server.localAddress())
            .sync()
            .channel();
    Mark in = mark(server, caller, serverTrace);
    Mark out = mark(client, caller, clientTrace);
    for (int i = 0; i < intervals; i++) {
      Thread.sleep(1000);
      Mark nextIn = mark(server, caller, serverTrace);
      Mark nextOut = mark(client, caller, clientTrace);
      print("server", in, nextIn);
      print("client", out, nextOut);
      in = nextIn;
      out = nextOut;
    }
    System.exit(0);
  }

  private static Mark mark(Channel channel, Caller caller, Counter trace) throws Exception {
    return channel
        .eventLoop()
        .submit(() ->
            new Mark(
                caller.calls,
                trace.packets,
                THREADS.getCurrentThreadAllocatedBytes(),
                System.nanoTime()))
        .get();
  }

  private static void print(String what, Mark from, Mark to) {
    double seconds = (to.nowNs - from.nowNs) / 1e9;
    double calls = to.calls - from.calls;
    double packets = to.packets - from.packets;
    double bytes = to.allocatedBytes - from.allocatedBytes;
    System.out.printf(
        "%s %8.0f calls/s, %.2f packets, %.0f B allocated per call, %.0f B per packet%n",
        what, calls / seconds, packets / calls, bytes / calls, bytes / packets);
  }

  private static final class Echo extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ctx.writeAndFlush(message, ctx.voidPromise());
    }

    @Override
    public boolean isSharable() {
      return true;
    }
  }

  private static final class Caller extends ChannelInboundHandlerAdapter {
    private int missing;
    private volatile long calls;

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      call(ctx);
    }

    private void call(ChannelHandlerContext ctx) {
      missing = CALL_BYTES;
      ByteBuf request = ctx.alloc().directBuffer(CALL_BYTES).writeZero(CALL_BYTES);
      ctx.writeAndFlush(request, ctx.voidPromise());
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ByteBuf answer = (ByteBuf) message;
      missing -= answer.readableBytes();
      answer.release();
      if (missing == 0) {
        calls = calls + 1;
        call(ctx);
      }
    }
  }
}
