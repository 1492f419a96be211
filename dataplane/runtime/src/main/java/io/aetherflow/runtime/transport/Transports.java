package io.aetherflow.runtime.transport;

import io.aetherflow.api.Tuning;
import io.aetherflow.quantum.buffer.BufferBudget;
import io.aetherflow.quantum.endpoint.EndpointTrace;
import io.aetherflow.quantum.fec.FecKernels;
import io.aetherflow.quantum.grpc.QuantumChannelBuilder;
import io.aetherflow.quantum.grpc.QuantumServerBuilder;
import io.aetherflow.quantum.netty.QuantumEventLoopGroup;
import io.aetherflow.quantum.netty.QuantumTransport;
import io.aetherflow.runtime.balance.PeakEwmaBalancerProvider;
import io.aetherflow.runtime.discovery.Discovery;
import io.aetherflow.runtime.discovery.EtcdNameResolverProvider;
import io.aetherflow.runtime.trace.Guuid;
import io.aetherflow.runtime.trace.GuuidClientInterceptor;
import io.aetherflow.runtime.trace.GuuidServerInterceptor;
import io.aetherflow.runtime.trace.Tracing;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.ServerBuilder;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * Builds every gRPC channel and server of a pod. Channels are shared and live as long as the pod.
 * Thread-safe.
 */
public final class Transports implements AutoCloseable {
  /** Enough for any call between pods; a longer one is better failed and retried elsewhere. */
  private static final Duration UNARY_DEADLINE = Duration.ofSeconds(10);

  /** Bounds what one message can make the receiver allocate. */
  private static final int MESSAGE_BYTES_MAX = 4 << 20;

  /** Bounds what one peer can keep waiting here; more calls wait at the caller. */
  private static final int CALLS_PER_CONNECTION_MAX = 1_000;

  private static final Duration KEEP_ALIVE = Duration.ofSeconds(15);
  private static final Duration KEEP_ALIVE_TIMEOUT = Duration.ofSeconds(5);

  /** Against a peer that pings to keep the pod busy. */
  private static final Duration PEER_KEEP_ALIVE_MIN = Duration.ofSeconds(5);

  /** A connection without calls costs both ends memory and keep-alives. */
  private static final Duration IDLE_TIMEOUT = Duration.ofMinutes(5);

  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);

  private static final String QUANTUM = "quantum";
  private static final String TCP = "tcp";

  private final boolean overQuantum;
  private final QuantumTransport quantum;
  private final String listenAddress;
  private final GuuidClientInterceptor clientTrace;
  private final GuuidServerInterceptor serverTrace;
  private final CallMetrics metrics;
  private final EtcdNameResolverProvider resolver;
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(
          Math.min(2, Runtime.getRuntime().availableProcessors()), NioIoHandler.newFactory());
  private final ExecutorService handlers = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, ManagedChannel> channels = new ConcurrentHashMap<>();
  private final DirectChannels direct = new DirectChannels(this::dial, System::nanoTime);

  /**
   * @param transport {@code quantum} or {@code tcp}: what calls go over; servers take both
   * @param tuning to begin with
   * @param trace follows all connections, beside the metrics
   * @throws IllegalArgumentException for another transport
   */
  public Transports(
      String transport,
      Tuning tuning,
      String listenAddress,
      Discovery discovery,
      MeterRegistry meters,
      EndpointTrace trace,
      Guuid guuids,
      Tracing tracing,
      RandomGenerator random) {
    if (!transport.equals(QUANTUM) && !transport.equals(TCP)) {
      throw new IllegalArgumentException(
          "AETHERFLOW_TRANSPORT is '" + transport + "'; it must be quantum or tcp");
    }
    overQuantum = transport.equals(QUANTUM);
    EndpointTrace metered = new QuantumMetrics(meters);
    quantum =
        new QuantumTransport(
            QuantumTuning.of(tuning),
            trace == EndpointTrace.NONE ? metered : EndpointTrace.both(metered, trace));
    meters.gauge("quantum.buffers.bytes", QuantumTransport.buffers(), BufferBudget::bytesInUse);
    meters.gauge(
        "quantum.buffers.limit.bytes", QuantumTransport.buffers(), BufferBudget::limitBytes);
    meters.gauge("quantum.fec.kernel.info", Tags.of("kernel", FecKernels.best().name()), 1);
    this.listenAddress = listenAddress;
    this.clientTrace = new GuuidClientInterceptor(guuids, random, tracing);
    this.serverTrace = new GuuidServerInterceptor(guuids, tracing);
    this.metrics = new CallMetrics(meters);
    this.resolver =
        new EtcdNameResolverProvider(
            discovery, found -> new InetSocketAddress(found.getHostString(), found.getPort()));
  }

  /** The channel to a service, balanced over its live instances. */
  public ManagedChannel channel(String service) {
    return channels.computeIfAbsent(
        EtcdNameResolverProvider.SCHEME + ":///" + service, this::balanced);
  }

  // The successor is a registry global to the JVM; tests run several pods in one.
  @SuppressWarnings("deprecation")
  private ManagedChannel balanced(String target) {
    return configure(
            overQuantum
                ? QuantumChannelBuilder.forTarget(quantum, target)
                : tcp(NettyChannelBuilder.forTarget(target)))
        .nameResolverFactory(resolver)
        .defaultLoadBalancingPolicy(PeakEwmaBalancerProvider.POLICY)
        .build();
  }

  /**
   * The channel to one instance, for calls that only the owner of something can answer. Its
   * connection closes when it has not been used for a while, and comes back with the next call.
   */
  public Channel channelTo(InetSocketAddress address) {
    return direct.to(address.getHostString() + ":" + address.getPort());
  }

  private ManagedChannel dial(String address) {
    int colon = address.lastIndexOf(':');
    String host = address.substring(0, colon);
    int port = Integer.parseInt(address.substring(colon + 1));
    return configure(
            overQuantum
                ? QuantumChannelBuilder.forAddress(quantum, host, port)
                : tcp(NettyChannelBuilder.forAddress(new InetSocketAddress(host, port))))
        .build();
  }

  /** Applies to open connections and later ones. */
  public void setTuning(Tuning tuning) {
    quantum.setTuning(QuantumTuning.of(tuning));
  }

  /**
   * A server on the pod's listen address, over Quantum and TCP on the same port number; the caller
   * adds services and starts it. Port 0 gives a free port of the transport that calls go over, and
   * no other: two protocols would get two numbers.
   */
  public ServerBuilder<?> server(int port) {
    InetSocketAddress address = new InetSocketAddress(listenAddress, port);
    NettyServerBuilder builder = QuantumServerBuilder.forAddress(quantum, address);
    if (port != 0) {
      builder.addListenAddress(address).channelFactory(new BothProtocols(quantum.serverChannels()));
    } else if (!overQuantum) {
      builder.channelFactory(QuantumEventLoopGroup::newTcpServerChannel);
    }
    return builder
        .executor(handlers)
        .maxInboundMessageSize(MESSAGE_BYTES_MAX)
        .maxConcurrentCallsPerConnection(CALLS_PER_CONNECTION_MAX)
        .permitKeepAliveTime(PEER_KEEP_ALIVE_MIN.toSeconds(), TimeUnit.SECONDS)
        .permitKeepAliveWithoutCalls(true)
        .intercept(metrics)
        .intercept(serverTrace);
  }

  private NettyChannelBuilder tcp(NettyChannelBuilder builder) {
    return builder.channelType(NioSocketChannel.class).eventLoopGroup(loops);
  }

  private NettyChannelBuilder configure(NettyChannelBuilder builder) {
    return builder
        .executor(handlers)
        .usePlaintext()
        .maxInboundMessageSize(MESSAGE_BYTES_MAX)
        .keepAliveTime(KEEP_ALIVE.toSeconds(), TimeUnit.SECONDS)
        .keepAliveTimeout(KEEP_ALIVE_TIMEOUT.toSeconds(), TimeUnit.SECONDS)
        .idleTimeout(IDLE_TIMEOUT.toSeconds(), TimeUnit.SECONDS)
        .defaultServiceConfig(RetryPolicy.SERVICE_CONFIG)
        .intercept(clientTrace, new DefaultDeadline(UNARY_DEADLINE));
  }

  @Override
  public void close() {
    List<ManagedChannel> open = new ArrayList<>(channels.values());
    open.addAll(direct.close());
    open.forEach(ManagedChannel::shutdown);
    open.forEach(Transports::awaitOrAbort);
    handlers.shutdown();
    try {
      if (!handlers.awaitTermination(CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
        handlers.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      handlers.shutdownNow();
    }
    loops.shutdownGracefully(0, CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static void awaitOrAbort(ManagedChannel channel) {
    try {
      if (!channel.awaitTermination(CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
        channel.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      channel.shutdownNow();
    }
  }
}
