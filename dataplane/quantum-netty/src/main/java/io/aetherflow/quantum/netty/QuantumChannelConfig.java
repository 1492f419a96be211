package io.aetherflow.quantum.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultChannelConfig;
import java.util.Set;

/**
 * Netty's usual options. TCP's, which gRPC sets on every channel, mean nothing here and are taken
 * without a warning.
 */
final class QuantumChannelConfig extends DefaultChannelConfig {
  private static final Set<ChannelOption<?>> IGNORED =
      Set.of(
          ChannelOption.SO_KEEPALIVE,
          ChannelOption.TCP_NODELAY,
          ChannelOption.SO_BACKLOG,
          ChannelOption.SO_REUSEADDR);

  QuantumChannelConfig(Channel channel) {
    super(channel);
  }

  @Override
  public <T> boolean setOption(ChannelOption<T> option, T value) {
    return IGNORED.contains(option) || super.setOption(option, value);
  }
}
