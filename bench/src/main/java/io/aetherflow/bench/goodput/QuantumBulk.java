package io.aetherflow.bench.goodput;

import com.fasterxml.jackson.databind.JsonNode;
import io.aetherflow.quantum.TransportTuning;
import io.aetherflow.quantum.connection.ConnectionTrace;
import io.aetherflow.quantum.netty.QuantumEventLoopGroup;
import io.aetherflow.quantum.netty.QuantumTransport;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.EventLoopGroup;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.LongAdder;

/** One Quantum connection with one stream, default tuning. */
final class QuantumBulk implements BulkTransfer {
  private final QuantumTransport transport =
      new QuantumTransport(TransportTuning.DEFAULT, ConnectionTrace.NONE);
  private final EventLoopGroup group = new QuantumEventLoopGroup(1, "bulk");

  @Override
  public int receive(JsonNode config, LongAdder bytes) throws InterruptedException {
    InetSocketAddress bound =
        (InetSocketAddress)
            new ServerBootstrap()
                .group(group)
                .channelFactory(transport.serverChannels())
                .childHandler(new BulkCounter(bytes))
                .bind(config.get("address").asText(), 0)
                .sync()
                .channel()
                .localAddress();
    return bound.getPort();
  }

  @Override
  public void send(JsonNode config) throws InterruptedException {
    new Bootstrap()
        .group(group)
        .channelFactory(transport.clientChannels())
        .handler(new BulkWriter())
        .connect(config.get("address").asText(), config.get("port").asInt())
        .sync();
  }
}
