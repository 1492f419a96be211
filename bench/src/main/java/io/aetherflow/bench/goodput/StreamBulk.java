package io.aetherflow.bench.goodput;

import com.fasterxml.jackson.databind.JsonNode;
import io.aetherflow.quantum.TransportTuning;
import io.aetherflow.quantum.connection.ConnectionTrace;
import io.aetherflow.quantum.netty.QuantumEventLoopGroup;
import io.aetherflow.quantum.netty.QuantumTransport;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.LongAdder;

/** One connection that is one stream, on one event loop at each end. */
final class StreamBulk implements BulkTransfer {
  private final EventLoopGroup group;
  private final ChannelFactory<? extends ServerChannel> servers;
  private final ChannelFactory<? extends Channel> clients;

  private StreamBulk(
      EventLoopGroup group,
      ChannelFactory<? extends ServerChannel> servers,
      ChannelFactory<? extends Channel> clients) {
    this.group = group;
    this.servers = servers;
    this.clients = clients;
  }

  /** On Netty's native epoll; the system sizes the socket buffers. */
  static StreamBulk tcp() {
    return new StreamBulk(
        new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory()),
        EpollServerSocketChannel::new,
        EpollSocketChannel::new);
  }

  /** With the default tuning. */
  static StreamBulk quantum() {
    QuantumTransport transport =
        new QuantumTransport(TransportTuning.DEFAULT, ConnectionTrace.NONE);
    return new StreamBulk(
        new QuantumEventLoopGroup(1, "bulk"),
        transport.serverChannels(),
        transport.clientChannels());
  }

  @Override
  public int receive(JsonNode config, LongAdder bytes) throws InterruptedException {
    InetSocketAddress bound =
        (InetSocketAddress)
            new ServerBootstrap()
                .group(group)
                .channelFactory(servers)
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
        .channelFactory(clients)
        .handler(new BulkWriter())
        .connect(config.get("address").asText(), config.get("port").asInt())
        .sync();
  }
}
