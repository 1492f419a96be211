package io.aetherflow.bench.quic;

import com.fasterxml.jackson.databind.JsonNode;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.handler.codec.quic.EpollQuicUtils;
import io.netty.handler.codec.quic.InsecureQuicTokenHandler;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicChannelOption;
import io.netty.handler.codec.quic.QuicClientCodecBuilder;
import io.netty.handler.codec.quic.QuicCodecBuilder;
import io.netty.handler.codec.quic.QuicCongestionControlAlgorithm;
import io.netty.handler.codec.quic.QuicServerCodecBuilder;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.File;
import java.net.InetSocketAddress;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Netty's QUIC (quiche) as its users run it for speed: native epoll, segmentation and receive
 * offload, windows that never hold it back, datagrams as large as Quantum's. Both ends use the same
 * settings. The client takes any certificate: checking it would cost once per connection and
 * nothing later.
 */
public final class QuicSettings {
  private static final String PROTOCOL = "bench";

  /** Ethernet's 1,500 bytes without an IPv4 and a UDP header, as Quantum has it. */
  private static final int DATAGRAM_BYTES = 1472;

  /** More than ten bandwidth-delay products of 100 Mbit/s and 50 ms. */
  private static final long WINDOW_BYTES = 16L << 20;

  private static final long STREAMS = 100_000;
  private static final int SOCKET_BUFFER_BYTES = 4 << 20;

  /**
   * What UDP_GRO merges, and datagrams per turn of the event loop: as Quantum's sockets have it.
   */
  private static final int RECEIVE_BYTES = 64 << 10;

  private static final int DATAGRAMS_PER_TURN = 64;
  private static final int SEGMENTS_MAX = 40;
  private static final int IDLE_SECONDS = 45;
  private static final int CONNECT_SECONDS = 30;

  private QuicSettings() {}

  /**
   * Binds a server.
   *
   * @param streams initializes the streams that clients open
   */
  public static int serve(JsonNode config, ChannelHandler streams) throws Exception {
    ChannelHandler codec =
        common(new QuicServerCodecBuilder(), config)
            .sslContext(
                QuicSslContextBuilder.forServer(
                        file(config, "key"), null, file(config, "certificate"))
                    .applicationProtocols(PROTOCOL)
                    .build())
            .tokenHandler(InsecureQuicTokenHandler.INSTANCE)
            .option(
                QuicChannelOption.SEGMENTED_DATAGRAM_PACKET_ALLOCATOR,
                EpollQuicUtils.newSegmentedAllocator(SEGMENTS_MAX))
            .streamHandler(streams)
            .build();
    Channel socket = bind(codec, config.get("address").asText());
    return ((InetSocketAddress) socket.localAddress()).getPort();
  }

  /** Connects to a server of {@link #serve}. */
  public static QuicChannel connect(JsonNode config, ChannelHandler streams) throws Exception {
    ChannelHandler codec =
        common(new QuicClientCodecBuilder(), config)
            .sslContext(
                QuicSslContextBuilder.forClient()
                    .trustManager(InsecureTrustManagerFactory.INSTANCE)
                    .applicationProtocols(PROTOCOL)
                    .build())
            .build();
    Channel socket = bind(codec, "0.0.0.0");
    return QuicChannel.newBootstrap(socket)
        .option(
            QuicChannelOption.SEGMENTED_DATAGRAM_PACKET_ALLOCATOR,
            EpollQuicUtils.newSegmentedAllocator(SEGMENTS_MAX))
        .streamHandler(streams)
        .remoteAddress(
            new InetSocketAddress(config.get("address").asText(), config.get("port").asInt()))
        .connect()
        .get(CONNECT_SECONDS, TimeUnit.SECONDS);
  }

  private static Channel bind(ChannelHandler codec, String address) throws InterruptedException {
    EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    return new Bootstrap()
        .group(group)
        .channel(EpollDatagramChannel.class)
        .option(ChannelOption.SO_RCVBUF, SOCKET_BUFFER_BYTES)
        .option(ChannelOption.SO_SNDBUF, SOCKET_BUFFER_BYTES)
        .option(EpollChannelOption.UDP_GRO, true)
        .option(
            ChannelOption.RECVBUF_ALLOCATOR,
            new FixedRecvByteBufAllocator(RECEIVE_BYTES).maxMessagesPerRead(DATAGRAMS_PER_TURN))
        .handler(codec)
        .bind(address, 0)
        .sync()
        .channel();
  }

  private static <B extends QuicCodecBuilder<B>> B common(B builder, JsonNode config) {
    String control = config.get("congestion").asText().toUpperCase(Locale.ROOT);
    return builder
        .congestionControlAlgorithm(QuicCongestionControlAlgorithm.valueOf(control))
        .maxIdleTimeout(IDLE_SECONDS, TimeUnit.SECONDS)
        .maxSendUdpPayloadSize(DATAGRAM_BYTES)
        .maxRecvUdpPayloadSize(DATAGRAM_BYTES)
        .initialMaxData(WINDOW_BYTES)
        .initialMaxStreamDataBidirectionalLocal(WINDOW_BYTES)
        .initialMaxStreamDataBidirectionalRemote(WINDOW_BYTES)
        .initialMaxStreamsBidirectional(STREAMS);
  }

  private static File file(JsonNode config, String name) {
    return new File(config.get(name).asText());
  }
}
