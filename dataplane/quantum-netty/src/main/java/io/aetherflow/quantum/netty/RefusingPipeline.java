package io.aetherflow.quantum.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.DefaultChannelPipeline;

/** Closes child channels that reach its end, instead of forgetting them open. */
final class RefusingPipeline extends DefaultChannelPipeline {
  RefusingPipeline(Channel channel) {
    super(channel);
  }

  @Override
  protected void onUnhandledInboundMessage(ChannelHandlerContext ctx, Object message) {
    if (message instanceof LoopBound child) {
      child.home().execute(((Channel) child).unsafe()::closeForcibly);
    } else {
      super.onUnhandledInboundMessage(ctx, message);
    }
  }
}
