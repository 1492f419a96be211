package io.aetherflow.quantum.grpc;

import io.aetherflow.quantum.netty.QuantumEventLoopGroup;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.nio.NioIoHandler;
import java.net.InetSocketAddress;

/** The suite on NIO's sockets, which other systems than Linux have. */
class NioQuantumGrpcTest extends QuantumGrpcTest {
  private static final QuantumEventLoopGroup LOOPS =
      new QuantumEventLoopGroup(2, "quantum-nio", NioIoHandler.newFactory());

  @Override
  NettyServerBuilder server(InetSocketAddress address) {
    return super.server(address).bossEventLoopGroup(LOOPS).workerEventLoopGroup(LOOPS);
  }

  @Override
  NettyChannelBuilder channel(InetSocketAddress server) {
    return super.channel(server).eventLoopGroup(LOOPS);
  }

  @Override
  NettyChannelBuilder alone(NettyChannelBuilder builder) {
    return builder.eventLoopGroup(new QuantumEventLoopGroup(1, "alone", NioIoHandler.newFactory()));
  }
}
