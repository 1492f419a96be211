package io.aetherflow.bench.rpc;

import com.fasterxml.jackson.databind.JsonNode;
import io.aetherflow.quantum.TransportTuning;
import io.aetherflow.quantum.connection.ConnectionTrace;
import io.aetherflow.quantum.grpc.QuantumChannelBuilder;
import io.aetherflow.quantum.grpc.QuantumServerBuilder;
import io.aetherflow.quantum.netty.QuantumTransport;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.File;
import java.io.IOException;
import java.net.InetSocketAddress;
import javax.net.ssl.SSLException;

/**
 * gRPC over TCP and over Quantum. Everything is as gRPC and Netty choose, native epoll for TCP
 * included, but that answers run on the event loop: the service does not block.
 */
final class Grpc {
  private final JsonNode config;
  private final QuantumTransport transport;

  Grpc(JsonNode config, ConnectionTrace trace) {
    this.config = config;
    transport = new QuantumTransport(TransportTuning.DEFAULT, trace);
  }

  private boolean isQuantum() {
    return config.get("subject").asText().equals("quantum");
  }

  private boolean isSecure() {
    return config.get("variant").asText().equals("mtls");
  }

  Server serve() throws IOException {
    InetSocketAddress address = new InetSocketAddress(config.get("address").asText(), 0);
    NettyServerBuilder builder =
        isQuantum()
            ? QuantumServerBuilder.forAddress(transport, address)
            : NettyServerBuilder.forAddress(address);
    if (isSecure()) {
      builder.sslContext(
          secure(
              SslContextBuilder.forServer(file("certificate"), file("key"))
                  .clientAuth(ClientAuth.REQUIRE)));
    }
    return builder.directExecutor().addService(EchoMethod.service()).build().start();
  }

  ManagedChannel connect() throws SSLException {
    String host = config.get("address").asText();
    int port = config.get("port").asInt();
    NettyChannelBuilder builder =
        isQuantum()
            ? QuantumChannelBuilder.forAddress(transport, host, port)
            : NettyChannelBuilder.forAddress(host, port);
    if (isSecure()) {
      builder.sslContext(
          secure(SslContextBuilder.forClient().keyManager(file("certificate"), file("key"))));
    } else {
      builder.usePlaintext();
    }
    return builder.directExecutor().build();
  }

  private SslContext secure(SslContextBuilder builder) throws SSLException {
    return GrpcSslContexts.configure(builder.trustManager(file("authority")), SslProvider.JDK)
        .build();
  }

  private File file(String name) {
    return new File(config.get(name).asText());
  }
}
