package io.aetherflow.quantum.netty;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelException;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.IoEventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.unix.Errors;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.net.PortUnreachableException;

/**
 * Makes UDP channels of the kind that an event loop drives: epoll's, which sends and receives many
 * datagrams per system call, or NIO's. Stateless.
 */
final class DatagramChannels {
  /** Datagrams per turn of the event loop, so that one socket cannot starve the others. */
  static final int DATAGRAMS_PER_TURN = 64;

  /** Room for what UDP_GRO merges; with less the kernel cuts. */
  private static final int MERGED_BYTES = 64 * 1024;

  /** What may wait in Netty when the kernel takes no more: two full batches, and one to go on. */
  private static final WriteBufferWaterMark WAITING_BYTES =
      new WriteBufferWaterMark(64 * 1024, 128 * 1024);

  static final int ECONNREFUSED = 111;

  private static final int EIO = 5;
  private static final int EINVAL = 22;
  private static final int EMSGSIZE = 90;

  private static final InternalLogger LOGGER =
      InternalLoggerFactory.getInstance(DatagramChannels.class);

  private DatagramChannels() {}

  static boolean isEpoll(EventLoop loop) {
    return loop instanceof IoEventLoop io && io.isIoType(EpollIoHandler.class);
  }

  /** An unregistered channel with its options set. */
  static DatagramChannel open(EventLoop loop) {
    return isEpoll(loop) ? epoll() : configured(new NioDatagramChannel(), QuantumSocket.IN_BYTES);
  }

  /**
   * MAX_DATAGRAM_PAYLOAD_SIZE stays unset: with it Netty reads by recvmmsg, and this version then
   * takes merged datagrams for one. This allocator recycles the slices that merged ones are cut
   * into, which Netty's default does not.
   */
  private static DatagramChannel epoll() {
    EpollDatagramChannel channel = new EpollDatagramChannel();
    channel.config().setAllocator(PooledByteBufAllocator.DEFAULT);
    try {
      channel.config().setOption(EpollChannelOption.UDP_GRO, true);
    } catch (ChannelException e) {
      // Kernels before 5.0 and some sandboxes have none; then each datagram comes alone.
      LOGGER.debug("no UDP_GRO", e);
    }
    return configured(channel, MERGED_BYTES);
  }

  private static DatagramChannel configured(DatagramChannel channel, int receiveBytes) {
    ChannelConfig config = channel.config();
    SocketBuffers.ask(channel);
    config.setWriteBufferWaterMark(WAITING_BYTES);
    config.setRecvByteBufAllocator(
        new FixedRecvByteBufAllocator(receiveBytes).maxMessagesPerRead(DATAGRAMS_PER_TURN));
    return channel;
  }

  /** Before the channel is registered. */
  static void readBy(EpollDatagramChannel channel, OwnReads.Reader reader) {
    channel
        .config()
        .setRecvByteBufAllocator(new OwnReads(reader, MERGED_BYTES, DATAGRAMS_PER_TURN));
  }

  static boolean canSegment(DatagramChannel channel) {
    return channel instanceof EpollDatagramChannel
        && Epoll.isAvailable()
        && EpollDatagramChannel.isSegmentedDatagramPacketSupported();
  }

  /** Whether the system says that this route or device cannot send segments. */
  static boolean refusesSegments(Throwable cause) {
    return cause instanceof Errors.NativeIoException e
        && switch (-e.expectedErr()) {
          // The last comes where a segment is longer than the route's MTU: alone it is fragmented.
          case EIO, EINVAL, EMSGSIZE -> true;
          default -> false;
        };
  }

  /** Whether the system says that nobody listens at the other end. */
  static boolean isUnreachable(Throwable cause) {
    return cause instanceof PortUnreachableException
        || cause instanceof Errors.NativeIoException e
            && e.expectedErr() == Errors.ERROR_ECONNREFUSED_NEGATIVE;
  }
}
