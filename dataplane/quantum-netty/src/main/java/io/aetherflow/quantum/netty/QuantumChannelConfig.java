package io.aetherflow.quantum.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultChannelConfig;
import java.util.Map;
import java.util.Set;

/**
 * Netty's usual options, and ALLOW_HALF_CLOSURE for streams. TCP's, which gRPC sets on every
 * channel, mean nothing here and are taken without a warning.
 */
final class QuantumChannelConfig extends DefaultChannelConfig {
  private static final Set<ChannelOption<?>> IGNORED =
      Set.of(
          ChannelOption.SO_KEEPALIVE,
          ChannelOption.TCP_NODELAY,
          ChannelOption.SO_BACKLOG,
          ChannelOption.SO_REUSEADDR);

  private volatile boolean allowHalfClosure;

  QuantumChannelConfig(Channel channel, boolean allowHalfClosure) {
    super(channel);
    this.allowHalfClosure = allowHalfClosure;
  }

  /** Whether a stream lives on when one of its halves is over. */
  boolean isAllowHalfClosure() {
    return allowHalfClosure;
  }

  @Override
  public Map<ChannelOption<?>, Object> getOptions() {
    return getOptions(super.getOptions(), ChannelOption.ALLOW_HALF_CLOSURE);
  }

  @Override
  @SuppressWarnings("unchecked")
  public <T> T getOption(ChannelOption<T> option) {
    return option == ChannelOption.ALLOW_HALF_CLOSURE
        ? (T) Boolean.valueOf(allowHalfClosure)
        : super.getOption(option);
  }

  @Override
  public <T> boolean setOption(ChannelOption<T> option, T value) {
    if (option == ChannelOption.ALLOW_HALF_CLOSURE) {
      validate(option, value);
      allowHalfClosure = (Boolean) value;
      return true;
    }
    return IGNORED.contains(option) || super.setOption(option, value);
  }
}
