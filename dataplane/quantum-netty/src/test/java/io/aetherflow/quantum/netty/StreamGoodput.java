package io.aetherflow.quantum.netty;

import com.sun.management.ThreadMXBean;
import io.aetherflow.quantum.TransportTuning;
import io.aetherflow.quantum.connection.ConnectionTrace;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Goodput of one stream of one connection over loopback, an event loop at each end, beside {@link
 * DatagramFloor}. By hand, for {@code docs/benchmarks.md}; arguments: {@code epoll} or {@code nio},
 * and how many intervals of a second.
 */
final class StreamGoodput {
  private static final int CHUNK_BYTES = 64 * 1024;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private StreamGoodput() {}

  private record Mark(long bytes, long packets, long cpuNs, long allocatedBytes, long nowNs) {}

  /** Counts what one end sends and receives; its packets come on one thread. */
  private static final class Counter implements ConnectionTrace {
    final AtomicLong sent = new AtomicLong();
    final AtomicLong lost = new AtomicLong();
    final AtomicLong repairs = new AtomicLong();
    long received;

    @Override
    public void onPacketSent(long number, int bytes, boolean inFlight, long nowNs) {
      sent.setPlain(sent.getPlain() + 1);
    }

    @Override
    public void onPacketReceived(long number, int bytes, long nowNs) {
      received++;
    }

    @Override
    public void onPacketLost(long number, int bytes, long sentNs, long nowNs) {
      lost.setPlain(lost.getPlain() + 1);
    }

    @Override
    public void onRepairSent(long number, int sources, long nowNs) {
      repairs.setPlain(repairs.getPlain() + 1);
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
    Sink sink = new Sink();
    Channel server =
        new ServerBootstrap()
            .group(serverLoop, serverLoop)
            .channelFactory(
                new QuantumTransport(TransportTuning.DEFAULT, serverTrace).serverChannels())
            .childHandler(sink)
            .bind(new InetSocketAddress("127.0.0.1", 0))
            .sync()
            .channel();
    Source source = new Source();
    QuantumStreamChannel client =
        (QuantumStreamChannel)
            new Bootstrap()
                .group(clientLoop)
                .channelFactory(
                    new QuantumTransport(TransportTuning.DEFAULT, clientTrace).clientChannels())
                .handler(source)
                .connect(server.localAddress())
                .sync()
                .channel();
    Mark in = mark(server, sink, serverTrace);
    Mark out = mark(client, null, clientTrace);
    for (int i = 0; i < intervals; i++) {
      Thread.sleep(1000);
      Mark nextIn = mark(server, sink, serverTrace);
      Mark nextOut = mark(client, null, clientTrace);
      print("received", in, nextIn, nextIn.bytes - in.bytes);
      print("sent", out, nextOut, nextIn.bytes - in.bytes);
      System.out.printf(
          "  lost %d, parity %d, window %d kB, rtt %d us%n",
          clientTrace.lost.get(),
          clientTrace.repairs.get(),
          client.connection().congestionWindowBytes() / 1000,
          client.connection().smoothedRttNs() / 1000);
      in = nextIn;
      out = nextOut;
    }
    System.exit(0);
  }

  private static Mark mark(Channel channel, Sink sink, Counter trace) throws Exception {
    return channel
        .eventLoop()
        .submit(() ->
            new Mark(
                sink == null ? 0 : sink.bytes,
                trace.sent.get() + trace.received,
                THREADS.getCurrentThreadCpuTime(),
                THREADS.getCurrentThreadAllocatedBytes(),
                System.nanoTime()))
        .get();
  }

  private static void print(String what, Mark from, Mark to, long bytes) {
    double seconds = (to.nowNs - from.nowNs) / 1e9;
    double packets = to.packets - from.packets;
    System.out.printf(
        "%-8s %7.1f MB/s, %.2f CPU s/GB, %.0f %% of a core, %.0f packets/s, %.0f B/packet%n",
        what,
        bytes / seconds / 1e6,
        (to.cpuNs - from.cpuNs) / (double) bytes,
        (to.cpuNs - from.cpuNs) / seconds / 1e7,
        packets / seconds,
        (to.allocatedBytes - from.allocatedBytes) / packets);
  }

  private static final class Sink extends ChannelInboundHandlerAdapter {
    long bytes;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ByteBuf buf = (ByteBuf) message;
      bytes += buf.readableBytes();
      buf.release();
    }

    @Override
    public boolean isSharable() {
      return true;
    }
  }

  private static final class Source extends ChannelInboundHandlerAdapter {
    private final ByteBuf chunk =
        Unpooled.unreleasableBuffer(Unpooled.directBuffer(CHUNK_BYTES).writeZero(CHUNK_BYTES));

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
        ctx.write(chunk.duplicate(), ctx.voidPromise());
      }
      ctx.flush();
    }
  }
}
