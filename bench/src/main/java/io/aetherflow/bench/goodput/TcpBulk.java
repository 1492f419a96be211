package io.aetherflow.bench.goodput;

import com.fasterxml.jackson.databind.JsonNode;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.LongAdder;

/** TCP on Netty's native epoll; the system sizes the socket buffers. */
final class TcpBulk implements BulkTransfer {
  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());

  @Override
  public int receive(JsonNode config, LongAdder bytes) throws InterruptedException {
    InetSocketAddress bound =
        (InetSocketAddress)
            new ServerBootstrap()
                .group(group)
                .channel(EpollServerSocketChannel.class)
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
        .channel(EpollSocketChannel.class)
        .handler(new BulkWriter())
        .connect(config.get("address").asText(), config.get("port").asInt())
        .sync();
  }
}
