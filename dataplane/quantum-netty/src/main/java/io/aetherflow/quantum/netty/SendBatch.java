package io.aetherflow.quantum.netty;

import io.aetherflow.quantum.connection.ConnectionConfig;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.SegmentedDatagramPacket;
import io.netty.util.concurrent.FastThreadLocal;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.net.InetSocketAddress;

/**
 * Puts packets that follow each other into as few writes as it can: a run of equal size to one
 * address, whose last may be shorter, leaves in one system call and crosses the stack as one
 * (UDP_SEGMENT). Where the system refuses that, each datagram is written alone from then on. Runs
 * on the socket's event loop alone.
 */
final class SendBatch {
  /** UDP_MAX_SEGMENTS of the kernel. */
  private static final int SEGMENTS_MAX = 64;

  /** The largest UDP payload that fits an IPv4 and an IPv6 packet. */
  private static final int RUN_BYTES_MAX = 65_487;

  /** Two full runs of the largest datagrams. */
  static final int PACKETS_MAX = 2 * (RUN_BYTES_MAX / ConnectionConfig.DATAGRAM_BYTES);

  private static final InternalLogger LOGGER = InternalLoggerFactory.getInstance(SendBatch.class);

  /** One per event loop, since idle sockets count. */
  private static final FastThreadLocal<byte[]> BUFFER =
      new FastThreadLocal<>() {
        @Override
        protected byte[] initialValue() {
          return new byte[PACKETS_MAX * ConnectionConfig.DATAGRAM_BYTES];
        }
      };

  private final DatagramChannel datagrams;
  private boolean segmenting;
  private boolean warned;
  private byte[] buf;
  private int start;
  private int end;
  private int segmentBytes;
  private int segments;
  private boolean lastIsShort;
  private InetSocketAddress to;

  SendBatch(DatagramChannel datagrams) {
    this.datagrams = datagrams;
    segmenting = DatagramChannels.canSegment(datagrams);
  }

  /** Starts a batch of at most {@link #PACKETS_MAX} packets. */
  void begin() {
    buf = BUFFER.get();
    start = 0;
    end = 0;
    segments = 0;
  }

  /** Where the next packet is to be built, at {@link #end}. */
  byte[] buf() {
    return buf;
  }

  int end() {
    return end;
  }

  /** Takes the packet that was built at {@link #end}. */
  void add(int length, InetSocketAddress recipient) {
    if (segments > 0 && !continuesRun(length, recipient)) {
      writeRun();
    }
    if (segments == 0) {
      segmentBytes = length;
      to = recipient;
    }
    lastIsShort = length < segmentBytes;
    segments++;
    end += length;
  }

  private boolean continuesRun(int length, InetSocketAddress recipient) {
    return segmenting
        && !lastIsShort
        && length <= segmentBytes
        && segments < SEGMENTS_MAX
        && end - start + length <= RUN_BYTES_MAX
        && recipient.equals(to);
  }

  /** Writes what is left; the caller flushes. */
  void finish() {
    if (segments > 0) {
      writeRun();
    }
  }

  private void writeRun() {
    int length = end - start;
    ByteBuf content = datagrams.alloc().directBuffer(length).writeBytes(buf, start, length);
    if (segments == 1) {
      datagrams.write(packet(content, to), datagrams.voidPromise());
    } else {
      datagrams.write(segmented(content)).addListener(new Run(content.retain(), segmentBytes, to));
    }
    start = end;
    segments = 0;
  }

  /** A connected socket knows where to, and finds the route faster when not told again. */
  private DatagramPacket packet(ByteBuf content, InetSocketAddress recipient) {
    return datagrams.isConnected()
        ? new DatagramPacket(content, null, recipient)
        : new DatagramPacket(content, recipient);
  }

  private SegmentedDatagramPacket segmented(ByteBuf content) {
    return datagrams.isConnected()
        ? new SegmentedDatagramPacket(content, segmentBytes, null, to)
        : new SegmentedDatagramPacket(content, segmentBytes, to);
  }

  /** One datagram outside a batch. */
  void write(byte[] src, int length, InetSocketAddress recipient) {
    ByteBuf content = datagrams.alloc().directBuffer(length).writeBytes(src, 0, length);
    datagrams.write(packet(content, recipient), datagrams.voidPromise());
  }

  /** A segmented write under way: holds its bytes, should the system refuse it. */
  private final class Run implements ChannelFutureListener {
    private final ByteBuf content;
    private final int segmentBytes;
    private final InetSocketAddress to;

    Run(ByteBuf content, int segmentBytes, InetSocketAddress to) {
      this.content = content;
      this.segmentBytes = segmentBytes;
      this.to = to;
    }

    @Override
    public void operationComplete(ChannelFuture written) {
      try {
        if (DatagramChannels.refusesSegments(written.cause())) {
          stopSegmenting(written.cause());
          writeAlone();
        } else if (written.cause() != null) {
          warnOnce(written.cause());
          datagrams.pipeline().fireExceptionCaught(written.cause());
        }
      } finally {
        content.release();
      }
    }

    private void writeAlone() {
      while (content.isReadable()) {
        int length = Math.min(segmentBytes, content.readableBytes());
        datagrams.write(packet(content.readRetainedSlice(length), to), datagrams.voidPromise());
      }
      datagrams.flush();
    }
  }

  /** The data comes again by retransmission, but somebody should know why it must. */
  private void warnOnce(Throwable cause) {
    boolean expected = DatagramChannels.isUnreachable(cause) || !datagrams.isOpen();
    if (!warned && !expected) {
      warned = true;
      LOGGER.warn("A batch on {} was not sent.", datagrams, cause);
    }
  }

  private void stopSegmenting(Throwable cause) {
    if (segmenting) {
      segmenting = false;
      LOGGER.warn("The system refuses UDP_SEGMENT on {}; datagrams go alone.", datagrams, cause);
    }
  }

  boolean isSegmenting() {
    return segmenting;
  }
}
