package io.aetherflow.bench.goodput;

import com.fasterxml.jackson.databind.JsonNode;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.SegmentedDatagramPacket;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** Datagrams in batches that the system cuts (GSO) and joins (GRO), without any protocol. */
final class SegmentedFloor implements BulkTransfer {
  private static final int SEGMENTS = 40;
  private static final int SOCKET_BUFFER_BYTES = 4 << 20;
  private static final int RECEIVE_BYTES = 64 << 10;
  private static final int READS_PER_TURN = 64;
  private static final int HEADER_BYTES = 28;

  private static Channel bind(String address, ChannelHandler handler) throws InterruptedException {
    return new Bootstrap()
        .group(new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory()))
        .channel(EpollDatagramChannel.class)
        .option(EpollChannelOption.UDP_GRO, true)
        .option(ChannelOption.SO_RCVBUF, SOCKET_BUFFER_BYTES)
        .option(ChannelOption.SO_SNDBUF, SOCKET_BUFFER_BYTES)
        .option(
            ChannelOption.RECVBUF_ALLOCATOR,
            new FixedRecvByteBufAllocator(RECEIVE_BYTES).maxMessagesPerRead(READS_PER_TURN))
        .handler(handler)
        .bind(address, 0)
        .sync()
        .channel();
  }

  @Override
  public int receive(JsonNode config, LongAdder bytes) throws InterruptedException {
    Channel socket =
        bind(
            config.get("address").asText(),
            new ChannelInboundHandlerAdapter() {
              @Override
              public void channelRead(ChannelHandlerContext ctx, Object message) {
                DatagramPacket packet = (DatagramPacket) message;
                bytes.add(packet.content().readableBytes());
                packet.release();
              }
            });
    return ((InetSocketAddress) socket.localAddress()).getPort();
  }

  @Override
  public void send(JsonNode config) throws InterruptedException {
    InetSocketAddress to =
        new InetSocketAddress(config.get("address").asText(), config.get("port").asInt());
    int packetBytes = SEGMENTS * (PlainFloor.DATAGRAM_BYTES + HEADER_BYTES);
    Sender sender = new Sender(to);
    Channel socket = bind("0.0.0.0", sender);
    long gapNs = PlainFloor.gapNs(config.get("rateBits").asLong(), packetBytes);
    if (gapNs > 0) {
      socket
          .eventLoop()
          .scheduleAtFixedRate(() -> sender.one(socket), 0, gapNs, TimeUnit.NANOSECONDS);
    } else {
      socket.eventLoop().execute(() -> sender.fill(socket));
    }
  }

  private static final class Sender extends ChannelInboundHandlerAdapter {
    private static final int BATCH_BYTES = SEGMENTS * PlainFloor.DATAGRAM_BYTES;

    private final InetSocketAddress to;
    private final ByteBuf batch =
        Unpooled.unreleasableBuffer(Unpooled.directBuffer(BATCH_BYTES).writeZero(BATCH_BYTES));

    Sender(InetSocketAddress to) {
      this.to = to;
    }

    void one(Channel socket) {
      if (socket.isWritable()) {
        socket.writeAndFlush(packet());
      }
    }

    /** One batch a turn: the socket blocks nobody and tells when it takes more. */
    void fill(Channel socket) {
      socket
          .writeAndFlush(packet())
          .addListener(sent -> socket.eventLoop().execute(() -> fill(socket)));
    }

    private SegmentedDatagramPacket packet() {
      return new SegmentedDatagramPacket(batch.duplicate(), PlainFloor.DATAGRAM_BYTES, to);
    }
  }
}
