package io.aetherflow.quantum.netty;

import io.aetherflow.quantum.stream.QuantumStream;
import io.netty.channel.RecvByteBufAllocator;

/**
 * Hands what a stream has to its channel's pipeline, when and as much as the pipeline asks for.
 * Runs on the channel's event loop alone.
 */
final class StreamReading {
  private final QuantumStreamChannel channel;
  private final Runnable task = this::read;
  private boolean pending;
  private boolean scheduled;

  StreamReading(QuantumStreamChannel channel) {
    this.channel = channel;
  }

  /** The pipeline wants to read. */
  void begin() {
    pending = true;
    QuantumStream stream = channel.stream();
    if (stream != null && (stream.readableBytes() > 0 || channel.isInputFinished())) {
      schedule();
    }
  }

  /** Nothing is wanted any more. */
  void stop() {
    pending = false;
  }

  /** Something may have changed: looks again in the next turn of the event loop. */
  void wake() {
    if (pending) {
      schedule();
    }
  }

  /** There is something to read, or to know. */
  void onReadable() {
    if (pending && channel.isRegistered() && !scheduled) {
      read();
    }
  }

  private void schedule() {
    if (!scheduled) {
      scheduled = true;
      channel.eventLoop().execute(task);
    }
  }

  private void read() {
    scheduled = false;
    if (!pending || channel.closed) {
      return;
    }
    pending = false;
    boolean some = readSome(channel.stream());
    if (!channel.closed && channel.stream().readableBytes() == 0 && channel.isInputFinished()) {
      channel.onInputOver();
    } else if (!some) {
      pending = true;
    }
    // Reading grants the peer new credit, which must leave.
    channel.driver.wake();
  }

  private boolean readSome(QuantumStream stream) {
    RecvByteBufAllocator.Handle handle = channel.unsafe().recvBufAllocHandle();
    handle.reset(channel.config());
    boolean some = false;
    while (stream.readableBytes() > 0 && !channel.closed) {
      some = true;
      channel.pipeline().fireChannelRead(StreamBytes.read(stream, handle, channel.config()));
      if (!handle.continueReading()) {
        break;
      }
    }
    if (some) {
      handle.readComplete();
      channel.pipeline().fireChannelReadComplete();
    }
    return some;
  }
}
