package io.aetherflow.quantum.netty;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * Belongs in the pipeline of a {@link QuantumConnectionChannel}: gives each stream that the peer
 * opens its handler and brings it to life. Without it such streams are refused. Sharable.
 */
@ChannelHandler.Sharable
public final class QuantumStreamAcceptor extends ChannelInboundHandlerAdapter {
  private final ChannelHandler streamHandler;

  /**
   * @param streamHandler for every stream, so sharable, or a {@code ChannelInitializer}
   */
  public QuantumStreamAcceptor(ChannelHandler streamHandler) {
    this.streamHandler = streamHandler;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof QuantumStreamChannel stream) {
      stream.pipeline().addLast(streamHandler);
      ChannelFuture registered = ctx.channel().eventLoop().register(stream);
      registered.addListener(done -> {
        if (!done.isSuccess()) {
          stream.unsafe().closeForcibly();
        }
      });
    } else {
      ctx.fireChannelRead(message);
    }
  }
}
