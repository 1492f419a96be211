package io.aetherflow.bench.goodput;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.atomic.LongAdder;

/** Counts what arrives. */
@ChannelHandler.Sharable
final class BulkCounter extends ChannelInboundHandlerAdapter {
  private final LongAdder bytes;

  BulkCounter(LongAdder bytes) {
    this.bytes = bytes;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf part = (ByteBuf) message;
    bytes.add(part.readableBytes());
    part.release();
  }
}
