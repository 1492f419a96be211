package io.aetherflow.quantum.grpc;

import io.aetherflow.quantum.TransportTuning;
import io.aetherflow.quantum.connection.ConnectionTrace;
import io.aetherflow.quantum.netty.QuantumTransport;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import java.net.InetSocketAddress;

class QuantumGrpcTest extends GrpcContract {
  private final QuantumTransport transport =
      new QuantumTransport(TransportTuning.DEFAULT, ConnectionTrace.NONE);

  @Override
  NettyServerBuilder server(InetSocketAddress address) {
    return QuantumServerBuilder.forAddress(transport, address);
  }

  @Override
  NettyChannelBuilder channel(InetSocketAddress server) {
    return QuantumChannelBuilder.forAddress(transport, server.getHostString(), server.getPort())
        .usePlaintext();
  }
}
