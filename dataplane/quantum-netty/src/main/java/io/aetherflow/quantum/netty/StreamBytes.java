package io.aetherflow.quantum.netty;

import io.aetherflow.quantum.stream.QuantumStream;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.concurrent.FastThreadLocal;

/**
 * Moves bytes between Netty's buffers and the core's streams, through one array per event loop,
 * since idle channels count. Stateless.
 */
final class StreamBytes {
  private static final int COPY_BYTES = 16 * 1024;

  private static final FastThreadLocal<byte[]> COPY =
      new FastThreadLocal<>() {
        @Override
        protected byte[] initialValue() {
          return new byte[COPY_BYTES];
        }
      };

  private StreamBytes() {}

  /** Reads once. */
  static ByteBuf read(
      QuantumStream stream, RecvByteBufAllocator.Handle handle, ChannelConfig config) {
    ByteBuf buf = handle.allocate(config.getAllocator());
    byte[] copy = COPY.get();
    int room = Math.min(buf.writableBytes(), copy.length);
    handle.attemptedBytesRead(room);
    int count = stream.read(copy, 0, room);
    buf.writeBytes(copy, 0, count);
    handle.lastBytesRead(count);
    handle.incMessagesRead(1);
    return buf;
  }

  /** Writes what has been flushed, as far as the stream takes it; a writable event follows then. */
  static void write(QuantumStream stream, ChannelOutboundBuffer outbound) {
    for (Object each = outbound.current(); each != null; each = outbound.current()) {
      if (!writeOne(stream, (ByteBuf) each, outbound)) {
        return;
      }
    }
  }

  private static boolean writeOne(
      QuantumStream stream, ByteBuf message, ChannelOutboundBuffer outbound) {
    byte[] copy = COPY.get();
    while (message.isReadable()) {
      int count = Math.min(message.readableBytes(), copy.length);
      message.getBytes(message.readerIndex(), copy, 0, count);
      int taken = stream.write(copy, 0, count);
      outbound.progress(taken);
      message.skipBytes(taken);
      if (taken < count) {
        return false;
      }
    }
    outbound.remove();
    return true;
  }
}
