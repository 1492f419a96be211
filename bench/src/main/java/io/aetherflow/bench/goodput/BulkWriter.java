package io.aetherflow.bench.goodput;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/** Writes while the channel takes it. */
final class BulkWriter extends ChannelInboundHandlerAdapter {
  private static final int CHUNK_BYTES = 64 << 10;

  private final ByteBuf chunk =
      Unpooled.unreleasableBuffer(Unpooled.directBuffer(CHUNK_BYTES).writeZero(CHUNK_BYTES));

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    write(ctx);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    write(ctx);
  }

  /** Half a transfer is no result: the parent sees this process end, and reads why. */
  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    broken("the connection ended");
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    broken(cause.toString());
  }

  private static void broken(String why) {
    System.err.println("bulk transfer broken: " + why);
    Runtime.getRuntime().halt(1);
  }

  private void write(ChannelHandlerContext ctx) {
    while (ctx.channel().isWritable()) {
      ctx.write(chunk.duplicate(), ctx.voidPromise());
    }
    ctx.flush();
  }
}
