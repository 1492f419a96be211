package io.aetherflow.quantum.grpc;

import io.aetherflow.quantum.netty.QuantumTransport;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.EventLoopGroup;
import java.net.InetSocketAddress;

/**
 * gRPC servers over Quantum. The answers are Netty's builders, so that every option of gRPC, TLS
 * included, is at hand. Each server has event loops of its own, one per core: daemon threads that
 * live as long as the process. Thread-safe.
 */
public final class QuantumServerBuilder {
  private QuantumServerBuilder() {}

  /** For a UDP port, 0 for any, on all addresses. */
  public static NettyServerBuilder forPort(QuantumTransport transport, int port) {
    return forAddress(transport, new InetSocketAddress(port));
  }

  public static NettyServerBuilder forAddress(
      QuantumTransport transport, InetSocketAddress address) {
    EventLoopGroup loops = QuantumEventLoops.server();
    return NettyServerBuilder.forAddress(address)
        .channelFactory(transport.serverChannels())
        .bossEventLoopGroup(loops)
        .workerEventLoopGroup(loops);
  }
}
