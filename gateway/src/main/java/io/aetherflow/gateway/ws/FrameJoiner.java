package io.aetherflow.gateway.ws;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;

/**
 * Makes one message of the frames in which it came (RFC 6455, 5.4). On the event loop; frames
 * remain their callers', and what is kept of them lies on the heap.
 */
final class FrameJoiner {
  private final int messageBytesMax;
  private final Sink sink;

  /** The frames of an unfinished message so far, or null. */
  private ByteBuf unfinished;

  private boolean unfinishedIsText;

  /** Where messages go. */
  interface Sink {
    /** The bytes are the caller's. */
    void onMessage(ByteBuf message, boolean isText);

    /** The message is given up. */
    void onTooLong();
  }

  /**
   * @param messageBytesMax of a message of several frames, against many small ones
   */
  FrameJoiner(int messageBytesMax, Sink sink) {
    this.messageBytesMax = messageBytesMax;
    this.sink = sink;
  }

  /** The first frame of a message, or all of it. */
  void onFirst(WebSocketFrame frame, boolean isText) {
    if (frame.isFinalFragment()) {
      sink.onMessage(frame.content(), isText);
    } else {
      unfinished = Unpooled.buffer(frame.content().readableBytes()).writeBytes(frame.content());
      unfinishedIsText = isText;
    }
  }

  /** The decoder lets one pass only within a message. */
  void onMore(ContinuationWebSocketFrame frame) {
    if (unfinished == null) {
      return;
    }
    if (unfinished.readableBytes() + frame.content().readableBytes() > messageBytesMax) {
      forget();
      sink.onTooLong();
      return;
    }
    unfinished.writeBytes(frame.content());
    if (frame.isFinalFragment()) {
      ByteBuf message = unfinished;
      forget();
      sink.onMessage(message, unfinishedIsText);
    }
  }

  void forget() {
    unfinished = null;
  }
}
