package io.aetherflow.quantum.grpc;

import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetSocketAddress;

/** The suite on gRPC's own transport: proof that it asks for what gRPC gives. */
class TcpGrpcTest extends GrpcContract {
  @Override
  NettyServerBuilder server(InetSocketAddress address) {
    return NettyServerBuilder.forAddress(address);
  }

  @Override
  NettyChannelBuilder channel(InetSocketAddress server) {
    return NettyChannelBuilder.forAddress(server.getHostString(), server.getPort()).usePlaintext();
  }

  @Override
  NettyChannelBuilder alone(NettyChannelBuilder builder) {
    return builder
        .eventLoopGroup(new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory()))
        .channelType(NioSocketChannel.class);
  }
}
