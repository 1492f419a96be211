package io.aetherflow.gateway.ws;

import io.aetherflow.gateway.GatewayMetrics;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.impl.HttpServerConnection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A WebSocket after its handshake, with a bounded outgoing queue. It takes the place of Vert.x's
 * own handler in the channel, for that one keeps the HTTP connection, the request and two queues of
 * 4.7 kB as long as the socket is open: three quarters of an idle socket's memory.
 */
final class NettySocket extends ChannelDuplexHandler implements Outbound, FrameJoiner.Sink {
  private static final Logger LOG = LoggerFactory.getLogger(NettySocket.class);

  /** What Vert.x calls its own. */
  private static final String VERTX_HANDLER = "handler";

  /** Against peers that do not answer a close, or do not read the answer to theirs. */
  private static final long CLOSING_MILLIS_MAX = 3_000;

  /** A control frame has room for 125 bytes, of which the code takes two (RFC 6455, 5.5). */
  private static final int REASON_BYTES_MAX = 123;

  private final int queueBytesMax;
  private final GatewayMetrics metrics;
  private final FrameJoiner frames;
  private final AtomicLong queuedBytes = new AtomicLong();
  private final AtomicBoolean closing = new AtomicBoolean();
  private ChannelHandlerContext ctx;

  // What follows belongs to the event loop.
  private Inbound protocol;
  private boolean paused;
  private boolean flushDue;
  private boolean closeSent;
  private boolean closedOnPurpose;

  /** Of the last read, what was decoded already when reading was paused; null until it first is. */
  private Queue<WebSocketFrame> held;

  NettySocket(int messageBytesMax, int queueBytesMax, GatewayMetrics metrics) {
    this.frames = new FrameJoiner(messageBytesMax, this);
    this.queueBytesMax = queueBytesMax;
    this.metrics = metrics;
  }

  /**
   * Takes the channel over from Vert.x; on its event loop and before a frame has been read.
   *
   * @param connection that has just been upgraded
   * @param messageBytesMax of a message of several frames, against many small ones; a longer one
   *     closes the socket with 1009
   */
  static NettySocket takeOver(
      HttpConnection connection, int messageBytesMax, int queueBytesMax, GatewayMetrics metrics) {
    ChannelPipeline pipeline =
        ((HttpServerConnection) connection).channelHandlerContext().pipeline();
    NettySocket socket = new NettySocket(messageBytesMax, queueBytesMax, metrics);
    pipeline.replace(VERTX_HANDLER, "socket", socket);
    if (pipeline.get(IdleStateHandler.class) != null) {
      // From here on the heartbeat finds silent peers.
      pipeline.remove(IdleStateHandler.class);
    }
    return socket;
  }

  /** Where the socket's protocol runs; it takes nothing more once the gateway has stopped. */
  Executor thread() {
    return this::execute;
  }

  private void execute(Runnable task) {
    EventExecutor loop = ctx.executor();
    try {
      loop.execute(task);
    } catch (RejectedExecutionException e) {
      // An answer that came after the end has nobody left to get it.
      if (!loop.isShutdown()) {
        throw e;
      }
    }
  }

  /** Runs when the connection is gone, or at once if it is. */
  void onGone(Runnable action) {
    ctx.channel().closeFuture().addListener(_ -> action.run());
  }

  /** Must come in the same turn of the event loop as {@link #takeOver}. */
  void start(Inbound spoken) {
    protocol = spoken;
    onGone(() -> {
      release();
      spoken.onClosed(closedOnPurpose);
    });
  }

  /** Without a closing handshake. */
  void abort() {
    ctx.close();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    ctx = added;
  }

  @Override
  public void channelRead(ChannelHandlerContext from, Object message) {
    if (!(message instanceof WebSocketFrame frame) || protocol == null) {
      ReferenceCountUtil.release(message);
    } else if (paused || holdsFrames()) {
      if (held == null) {
        held = new ArrayDeque<>();
      }
      held.add(frame);
    } else {
      onFrame(frame);
    }
  }

  private boolean holdsFrames() {
    return held != null && !held.isEmpty();
  }

  private void onFrame(WebSocketFrame frame) {
    try {
      if (closeSent && !(frame instanceof CloseWebSocketFrame)) {
        return;
      }
      switch (frame) {
        case TextWebSocketFrame text -> frames.onFirst(text, true);
        case BinaryWebSocketFrame binary -> frames.onFirst(binary, false);
        case ContinuationWebSocketFrame more -> frames.onMore(more);
        case PingWebSocketFrame ping -> onPing(ping);
        case PongWebSocketFrame _ -> protocol.onPong();
        case CloseWebSocketFrame close -> onClose(close);
        default -> throw new IllegalStateException("unknown frame " + frame.getClass());
      }
    } finally {
      frame.release();
    }
  }

  @Override
  public void onMessage(ByteBuf content, boolean isText) {
    if (isText) {
      protocol.onText(content.toString(StandardCharsets.UTF_8));
    } else {
      protocol.onBinary(ByteBufUtil.getBytes(content));
    }
  }

  @Override
  public void onTooLong() {
    protocol.onTooLong();
    sendClose(WebSocketCloseStatus.MESSAGE_TOO_BIG.code(), "the message is too long");
  }

  /** A peer that does not read gets no pongs, which would pile up. */
  private void onPing(PingWebSocketFrame ping) {
    if (ctx.channel().isWritable()) {
      ctx.write(new PongWebSocketFrame(ping.content().retain()));
      flushLater();
    }
  }

  private void onClose(CloseWebSocketFrame close) {
    int code = close.statusCode();
    // An answer to our own close says nothing of the peer's purpose.
    closedOnPurpose =
        !closeSent && (code == WebSocketCloseStatus.NORMAL_CLOSURE.code() || code < 0);
    closing.set(true);
    if (closeSent) {
      ctx.close();
    } else {
      closeSent = true;
      ctx.writeAndFlush(close.retain()).addListener(_ -> ctx.close());
      cutOffLater();
    }
  }

  private void cutOffLater() {
    ctx.executor().schedule(() -> ctx.close(), CLOSING_MILLIS_MAX, TimeUnit.MILLISECONDS);
  }

  private void release() {
    while (holdsFrames()) {
      held.remove().release();
    }
    frames.forget();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext from, Throwable failure) {
    switch (failure) {
      case CorruptedWebSocketFrameException bad
          when protocol != null
              && bad.closeStatus().code() == WebSocketCloseStatus.MESSAGE_TOO_BIG.code() ->
          onTooLong();
      case CorruptedWebSocketFrameException bad ->
          sendClose(bad.closeStatus().code(), String.valueOf(bad.getMessage()));
      case IOException _, DecoderException _ -> ctx.close();
      default -> {
        LOG.error("a socket failed", failure);
        sendClose(WebSocketCloseStatus.INTERNAL_SERVER_ERROR.code(), "the gateway failed");
      }
    }
  }

  /** Vert.x closes its server's channels when it ends. */
  @Override
  public void close(ChannelHandlerContext from, ChannelPromise promise) {
    if (closeSent || !ctx.channel().isActive()) {
      ctx.close(promise);
      return;
    }
    closeSent = true;
    ctx.writeAndFlush(new CloseWebSocketFrame(WebSocketCloseStatus.ENDPOINT_UNAVAILABLE))
        .addListener(_ -> ctx.close(promise));
    cutOffLater();
  }

  @Override
  public void send(String message) {
    enqueue(message.length(), () -> new TextWebSocketFrame(message));
  }

  @Override
  public void send(byte[] message) {
    enqueue(message.length, () -> new BinaryWebSocketFrame(Unpooled.wrappedBuffer(message)));
  }

  private void enqueue(int bytes, Supplier<WebSocketFrame> frame) {
    if (closing.get()) {
      return;
    }
    // Above half, nobody begins to send much; below, one message of any size may go.
    long before = queuedBytes.getAndAdd(bytes);
    if (before > queueBytesMax / 2 && before + bytes > queueBytesMax) {
      queuedBytes.addAndGet(-bytes);
      metrics.dropped();
      if (closing.compareAndSet(false, true)) {
        execute(() -> protocol.onSlow());
      }
      return;
    }
    execute(() -> {
      if (!closeSent && ctx.channel().isActive()) {
        ctx.write(frame.get()).addListener(_ -> written(bytes));
        flushLater();
      }
    });
  }

  /** What is queued by then goes in one write. */
  private void flushLater() {
    if (!flushDue) {
      flushDue = true;
      execute(() -> {
        flushDue = false;
        ctx.flush();
      });
    }
  }

  private void written(int bytes) {
    long after = queuedBytes.addAndGet(-bytes);
    int half = queueBytesMax / 2;
    // The writes of a closed channel fail after it is told gone.
    if (after <= half && after + bytes > half && ctx.channel().isActive()) {
      protocol.onWritable();
    }
  }

  @Override
  public boolean writable() {
    return queuedBytes.get() <= queueBytesMax / 2;
  }

  @Override
  public void close(CloseCode code, String reason) {
    closing.set(true);
    execute(() -> {
      if (!closeSent && ctx.channel().isActive()) {
        metrics.socketClosed(code.code);
        sendClose(code.code, reason);
      }
    });
  }

  private void sendClose(int code, String reason) {
    if (closeSent) {
      return;
    }
    closing.set(true);
    closeSent = true;
    ctx.writeAndFlush(new CloseWebSocketFrame(code, shortened(reason)));
    cutOffLater();
    // The peer's answer is to be read.
    resumeReading();
  }

  private static String shortened(String reason) {
    int end = reason.length();
    while (ByteBufUtil.utf8Bytes(reason, 0, end) > REASON_BYTES_MAX) {
      end = reason.offsetByCodePoints(end, -1);
    }
    return reason.substring(0, end);
  }

  @Override
  public void pauseReading() {
    paused = true;
    ctx.channel().config().setAutoRead(false);
  }

  @Override
  public void resumeReading() {
    paused = false;
    if (holdsFrames()) {
      execute(this::readHeld);
    } else {
      ctx.channel().config().setAutoRead(true);
    }
  }

  private void readHeld() {
    while (!paused && holdsFrames()) {
      onFrame(held.remove());
    }
    if (!paused) {
      ctx.channel().config().setAutoRead(true);
    }
  }

  @Override
  public void ping() {
    execute(() -> {
      if (!closeSent && ctx.channel().isActive()) {
        ctx.writeAndFlush(new PingWebSocketFrame());
      }
    });
  }

  @Override
  public Timer after(long delayMillis, Runnable task) {
    Future<?> scheduled =
        ctx.executor().schedule(() -> execute(task), delayMillis, TimeUnit.MILLISECONDS);
    return () -> scheduled.cancel(false);
  }
}
