package io.aetherflow.quantum.grpc;

import io.aetherflow.quantum.netty.QuantumTransport;
import io.grpc.netty.NettyChannelBuilder;

/**
 * gRPC client channels over Quantum. The answers are Netty's builders, so that every option of
 * gRPC, TLS included, is at hand. Thread-safe.
 */
public final class QuantumChannelBuilder {
  private QuantumChannelBuilder() {}

  /** For a target with a name resolver, as {@code ManagedChannelBuilder.forTarget}. */
  public static NettyChannelBuilder forTarget(QuantumTransport transport, String target) {
    return quantum(transport, NettyChannelBuilder.forTarget(target));
  }

  /** For one server; {@code host} is an address or a DNS name. */
  public static NettyChannelBuilder forAddress(QuantumTransport transport, String host, int port) {
    return quantum(transport, NettyChannelBuilder.forAddress(host, port));
  }

  private static NettyChannelBuilder quantum(
      QuantumTransport transport, NettyChannelBuilder builder) {
    return builder
        .channelFactory(transport.clientChannels())
        .eventLoopGroup(QuantumEventLoops.clients());
  }
}
