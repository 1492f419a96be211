package io.aetherflow.quantum.grpc;

import io.aetherflow.quantum.TransportTuning;
import io.aetherflow.quantum.connection.ConnectionTrace;
import io.aetherflow.quantum.netty.QuantumTransport;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The suite with 5 % of the datagrams lost and as many late, and an address change mid-call. */
class LossyQuantumGrpcTest extends GrpcContract {
  private final QuantumTransport transport =
      new QuantumTransport(TransportTuning.DEFAULT, ConnectionTrace.NONE);
  private final List<UdpRelay> relays = new ArrayList<>();
  private UdpRelay relay;

  @Override
  NettyServerBuilder server(InetSocketAddress address) {
    return QuantumServerBuilder.forAddress(transport, address);
  }

  @Override
  NettyChannelBuilder channel(InetSocketAddress server) {
    return QuantumChannelBuilder.forAddress(transport, server.getHostString(), server.getPort())
        .usePlaintext();
  }

  @Override
  InetSocketAddress via(InetSocketAddress server) {
    try {
      relay = new UdpRelay(server, 1, 0.05, 0.05);
      relays.add(relay);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return relay.address();
  }

  @Override
  @AfterEach
  void stop() throws Exception {
    super.stop();
    relays.forEach(UdpRelay::close);
  }

  @Test
  void aCallSurvivesAnAddressChange() throws Exception {
    chat(answered -> {
      if (answered == 50) {
        relay.changeAddress();
      }
    });
  }
}
