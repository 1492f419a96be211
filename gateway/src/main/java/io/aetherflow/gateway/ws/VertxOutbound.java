package io.aetherflow.gateway.ws;

import io.aetherflow.gateway.GatewayMetrics;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** A Vert.x WebSocket with a bounded outgoing queue. */
final class VertxOutbound implements Outbound {
  private final Vertx vertx;
  private final Context context;
  private final ServerWebSocket socket;
  private final int queueBytesMax;
  private final GatewayMetrics metrics;
  private final AtomicLong queuedBytes = new AtomicLong();
  private final AtomicBoolean closing = new AtomicBoolean();
  private Runnable onWritable = () -> {};
  private Runnable onOverflow = () -> {};

  VertxOutbound(
      Vertx vertx,
      Context context,
      ServerWebSocket socket,
      int queueBytesMax,
      GatewayMetrics metrics) {
    this.vertx = vertx;
    this.context = context;
    this.socket = socket;
    this.queueBytesMax = queueBytesMax;
    this.metrics = metrics;
  }

  /** Both run on the socket's thread; set before anything is sent. */
  void handlers(Runnable writable, Runnable overflow) {
    onWritable = writable;
    onOverflow = overflow;
  }

  @Override
  public void send(String message) {
    enqueue(message.length(), () -> socket.writeTextMessage(message));
  }

  @Override
  public void send(byte[] message) {
    enqueue(message.length, () -> socket.writeBinaryMessage(Buffer.buffer(message)));
  }

  private void enqueue(int bytes, Supplier<Future<Void>> write) {
    if (closing.get()) {
      return;
    }
    // Above half, nobody begins to send much; below, one message of any size may go.
    long before = queuedBytes.getAndAdd(bytes);
    if (before > queueBytesMax / 2 && before + bytes > queueBytesMax) {
      queuedBytes.addAndGet(-bytes);
      metrics.dropped();
      if (closing.compareAndSet(false, true)) {
        context.runOnContext(_ -> onOverflow.run());
      }
      return;
    }
    context.runOnContext(_ -> {
      if (!socket.isClosed()) {
        write.get().onComplete(_ -> written(bytes));
      }
    });
  }

  private void written(int bytes) {
    long after = queuedBytes.addAndGet(-bytes);
    int half = queueBytesMax / 2;
    if (after <= half && after + bytes > half) {
      onWritable.run();
    }
  }

  @Override
  public boolean writable() {
    return queuedBytes.get() <= queueBytesMax / 2;
  }

  @Override
  public void close(CloseCode code, String reason) {
    closing.set(true);
    context.runOnContext(_ -> {
      if (!socket.isClosed()) {
        metrics.socketClosed(code.code);
        socket.close(code.code, reason.length() > 120 ? reason.substring(0, 120) : reason);
      }
    });
  }

  @Override
  public void pauseReading() {
    socket.pause();
  }

  @Override
  public void resumeReading() {
    socket.resume();
  }

  @Override
  public void ping() {
    context.runOnContext(_ -> {
      if (!socket.isClosed()) {
        socket.writePing(Buffer.buffer());
      }
    });
  }

  @Override
  public Timer after(long delayMillis, Runnable task) {
    long id = vertx.setTimer(delayMillis, _ -> context.runOnContext(_ -> task.run()));
    return () -> vertx.cancelTimer(id);
  }
}
