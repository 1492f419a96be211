package io.aetherflow.quantum.netty;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.unix.SegmentedDatagramPacket;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetSocketAddress;

/**
 * What datagrams cost without any protocol: one socket sends as fast as its event loop can, another
 * receives. By hand, for {@code docs/benchmarks.md}: a second each of warm-up and of measurement
 * per variant, three rounds.
 */
final class DatagramFloor {
  private static final int BYTES = 1472;
  private static final int SEGMENTS = 44;
  private static final int RECEIVE_BYTES = 64 * 1024;
  private static final int SOCKET_BUFFER_BYTES = 4 << 20;
  private static final long WARMUP_NS = 1_000_000_000L;
  private static final long MEASURE_NS = 2_000_000_000L;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private DatagramFloor() {}

  enum Variant {
    NIO,
    EPOLL,
    EPOLL_GSO,
    EPOLL_GSO_GRO;

    boolean isEpoll() {
      return this != NIO;
    }

    boolean segments() {
      return this == EPOLL_GSO || this == EPOLL_GSO_GRO;
    }
  }

  /** Datagrams and bytes that one side has moved, its thread's CPU time, and when. */
  private record Mark(long datagrams, long cpuNs, long nowNs) {}

  public static void main(String[] args) throws Exception {
    for (int round = 0; round < 3; round++) {
      for (Variant variant : Variant.values()) {
        run(variant);
      }
    }
  }

  private static void run(Variant variant) throws Exception {
    IoHandlerFactory io =
        variant.isEpoll() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    EventLoopGroup sending = new MultiThreadIoEventLoopGroup(1, io);
    EventLoopGroup receiving = new MultiThreadIoEventLoopGroup(1, io);
    Sink sink = new Sink();
    Bootstrap bootstrap =
        new Bootstrap()
            .channel(variant.isEpoll() ? EpollDatagramChannel.class : NioDatagramChannel.class)
            .option(ChannelOption.SO_RCVBUF, SOCKET_BUFFER_BYTES)
            .option(ChannelOption.SO_SNDBUF, SOCKET_BUFFER_BYTES);
    boolean gro = variant == Variant.EPOLL_GSO_GRO;
    Bootstrap receiver = bootstrap.clone().group(receiving).handler(sink);
    receiver.option(
        ChannelOption.RECVBUF_ALLOCATOR,
        new FixedRecvByteBufAllocator(gro ? RECEIVE_BYTES : 2048).maxMessagesPerRead(64));
    if (gro) {
      receiver.option(EpollChannelOption.UDP_GRO, true);
    }
    Channel in = receiver.bind("127.0.0.1", 0).sync().channel();
    InetSocketAddress to = (InetSocketAddress) in.localAddress();
    Source source = new Source(to, variant.segments());
    Channel out =
        bootstrap.clone().group(sending).handler(source).bind("127.0.0.1", 0).sync().channel();
    out.eventLoop().execute(source::pump);
    Thread.sleep(WARMUP_NS / 1_000_000);
    Mark sent = mark(out, source.counter);
    Mark received = mark(in, sink.counter);
    Thread.sleep(MEASURE_NS / 1_000_000);
    print(variant, "sent", sent, mark(out, source.counter));
    print(variant, "received", received, mark(in, sink.counter));
    source.stop = true;
    out.close().sync();
    in.close().sync();
    sending.shutdownGracefully(0, 1, java.util.concurrent.TimeUnit.SECONDS).sync();
    receiving.shutdownGracefully(0, 1, java.util.concurrent.TimeUnit.SECONDS).sync();
  }

  private static Mark mark(Channel channel, long[] counter) throws Exception {
    return channel
        .eventLoop()
        .submit(() -> new Mark(counter[0], THREADS.getCurrentThreadCpuTime(), System.nanoTime()))
        .get();
  }

  private static void print(Variant variant, String what, Mark from, Mark to) {
    long datagrams = to.datagrams - from.datagrams;
    double seconds = (to.nowNs - from.nowNs) / 1e9;
    System.out.printf(
        "%-14s %-9s %9.0f datagrams/s %7.1f MB/s %6.0f ns CPU per datagram, %.0f %% of a core%n",
        variant,
        what,
        datagrams / seconds,
        datagrams * BYTES / seconds / 1e6,
        (to.cpuNs - from.cpuNs) / (double) Math.max(datagrams, 1),
        (to.cpuNs - from.cpuNs) / seconds / 1e7);
  }

  private static final class Sink extends ChannelInboundHandlerAdapter {
    final long[] counter = new long[1];

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      DatagramPacket packet = (DatagramPacket) message;
      if (packet.content().readableBytes() != BYTES) {
        throw new IllegalStateException("merged: " + packet);
      }
      counter[0]++;
      packet.release();
    }
  }

  private static final class Source extends ChannelInboundHandlerAdapter {
    final long[] counter = new long[1];
    private final InetSocketAddress to;
    private final boolean segmented;
    private Channel channel;
    volatile boolean stop;

    Source(InetSocketAddress to, boolean segmented) {
      this.to = to;
      this.segmented = segmented;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      channel = ctx.channel();
    }

    /** As many turns as the channel is writable; Netty calls again when it has become so. */
    void pump() {
      if (stop || !channel.isOpen()) {
        return;
      }
      if (channel.isWritable()) {
        if (segmented) {
          ByteBuf content = channel.alloc().directBuffer(SEGMENTS * BYTES);
          content.writerIndex(SEGMENTS * BYTES);
          channel.write(new SegmentedDatagramPacket(content, BYTES, to), channel.voidPromise());
        } else {
          for (int i = 0; i < SEGMENTS; i++) {
            ByteBuf content = channel.alloc().directBuffer(BYTES);
            content.writerIndex(BYTES);
            channel.write(new DatagramPacket(content, to), channel.voidPromise());
          }
        }
        counter[0] += SEGMENTS;
        channel.flush();
      }
      channel.eventLoop().execute(this::pump);
    }
  }
}
