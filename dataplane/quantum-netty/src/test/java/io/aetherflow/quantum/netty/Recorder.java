package io.aetherflow.quantum.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.io.ByteArrayOutputStream;
import java.util.concurrent.CompletableFuture;

/** Keeps what a stream brings: its bytes, its end, and what the peer does to its halves. */
final class Recorder extends ChannelInboundHandlerAdapter {
  final CompletableFuture<Channel> active = new CompletableFuture<>();

  /** All bytes, once the end is here. */
  final CompletableFuture<byte[]> whole = new CompletableFuture<>();

  final CompletableFuture<StreamEvent.Reset> reset = new CompletableFuture<>();
  final CompletableFuture<StreamEvent.Stopped> stopped = new CompletableFuture<>();
  final CompletableFuture<Throwable> failed = new CompletableFuture<>();
  final CompletableFuture<Void> inactive = new CompletableFuture<>();
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    active.complete(ctx.channel());
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf buf = (ByteBuf) message;
    synchronized (bytes) {
      byte[] some = new byte[buf.readableBytes()];
      buf.readBytes(some);
      bytes.writeBytes(some);
    }
    buf.release();
  }

  int byteCount() {
    synchronized (bytes) {
      return bytes.size();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    switch (event) {
      case StreamEvent.Reset peers -> reset.complete(peers);
      case StreamEvent.Stopped peers -> stopped.complete(peers);
      case ChannelInputShutdownEvent end -> {
        if (!reset.isDone()) {
          whole.complete(bytes.toByteArray());
        }
      }
      default -> {}
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    failed.complete(cause);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    inactive.complete(null);
  }
}
