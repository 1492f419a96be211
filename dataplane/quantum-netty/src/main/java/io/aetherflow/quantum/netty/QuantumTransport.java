package io.aetherflow.quantum.netty;

import io.aetherflow.quantum.TransportTuning;
import io.aetherflow.quantum.buffer.BufferBudget;
import io.aetherflow.quantum.congestion.Bbr;
import io.aetherflow.quantum.connection.ConnectionConfig;
import io.aetherflow.quantum.connection.ConnectionTrace;
import io.aetherflow.quantum.endpoint.EndpointTrace;
import io.aetherflow.quantum.fec.FecKernel;
import io.aetherflow.quantum.fec.FecKernels;
import io.aetherflow.quantum.frame.FrameLimits;
import io.aetherflow.quantum.stream.StreamLimits;
import io.netty.channel.ChannelFactory;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.security.SecureRandom;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the Quantum channels of a process share: configuration, tuning and trace. Makes Netty
 * channels, of two kinds that may not be mixed on one port. Thread-safe.
 *
 * <p>{@link #clientChannels} and {@link #serverChannels}: one connection with one stream is one
 * channel, as for TCP; gRPC uses these. {@link #clientConnections} and {@link #serverConnections}:
 * a channel is a connection, and its children are its streams, many and from either end; see {@link
 * QuantumConnectionChannel}.
 *
 * <p>All run on the event loop of their socket, so a server's boss and worker group must be the
 * same: a {@link QuantumEventLoopGroup}, or any group with a single loop.
 */
public final class QuantumTransport {
  /** Where a channel is one stream, more of them could only be there to take memory. */
  private static final StreamLimits ONE_STREAM =
      new StreamLimits(
          StreamLimits.DEFAULT.connectionWindowBytes(),
          StreamLimits.DEFAULT.streamWindowBytes(),
          1,
          StreamLimits.DEFAULT.sendBufferBytes());

  /** Bytes for the buffers of all connections; a quarter of the heap if it is not set. */
  public static final String BUFFERS_PROPERTY = "io.aetherflow.quantum.bufferBytes";

  /** What all transports of the process together may keep. */
  private static final BufferBudget BUFFERS = processBuffers();

  private static final InternalLogger LOGGER =
      InternalLoggerFactory.getInstance(QuantumTransport.class);

  /** Of all transports of the process, since what they sum together shows what pays. */
  private static final FecKernel KERNEL =
      FecKernels.gradual(
          task -> Thread.ofPlatform().daemon().name("quantum-fec-warm-up").start(task),
          System::nanoTime);

  static {
    LOGGER.info("FEC kernel {}: {}.", FecKernels.best().name(), FecKernels.reason());
  }

  private final SecureRandom random = new SecureRandom();
  private final Set<QuantumSocket> sockets = ConcurrentHashMap.newKeySet();
  private final EndpointTrace trace;
  private volatile ConnectionConfig config;

  /**
   * @param trace follows the packets of all connections, from several threads; {@link
   *     ConnectionTrace#NONE} for nobody
   */
  public QuantumTransport(TransportTuning tuning, ConnectionTrace trace) {
    this(tuning, EndpointTrace.sharing(trace));
  }

  /**
   * @param trace called from several threads, each connection's from one at a time
   */
  public QuantumTransport(TransportTuning tuning, EndpointTrace trace) {
    this.trace = trace;
    config =
        ConnectionConfig.of(
                tuning, () -> new Bbr(random.nextLong(), FrameLimits.DATAGRAM_BYTES_MIN))
            .withBuffers(BUFFERS)
            .withKernel(KERNEL);
  }

  private static BufferBudget processBuffers() {
    Long bytes = Long.getLong(BUFFERS_PROPERTY);
    return bytes == null ? BufferBudget.ofHeap() : new BufferBudget(bytes);
  }

  /** The buffers of all connections of the process: their limit, and what is in use. */
  public static BufferBudget buffers() {
    return BUFFERS;
  }

  /** For {@code Bootstrap.channelFactory}: a client with one stream. */
  public ChannelFactory<QuantumStreamChannel> clientChannels() {
    return () -> new QuantumStreamChannel(this);
  }

  /** For {@code ServerBootstrap.channelFactory}: a server for such clients. */
  public ChannelFactory<QuantumServerChannel> serverChannels() {
    return () -> new QuantumServerChannel(this, soleConfig(), AcceptedStreams::new);
  }

  /** Clients that open streams and take those of the server. */
  public ChannelFactory<QuantumConnectionChannel> clientConnections() {
    return clientConnections(StreamLimits.DEFAULT);
  }

  /**
   * @param limits what each connection grants the server, and keeps for writers
   */
  public ChannelFactory<QuantumConnectionChannel> clientConnections(StreamLimits limits) {
    return () -> new QuantumConnectionChannel(this, limits);
  }

  /** Servers whose children are connections. */
  public ChannelFactory<QuantumServerChannel> serverConnections() {
    return serverConnections(StreamLimits.DEFAULT);
  }

  /**
   * @param limits what each connection grants its client, and keeps for writers
   */
  public ChannelFactory<QuantumServerChannel> serverConnections(StreamLimits limits) {
    return () -> new QuantumServerChannel(this, config(limits), AcceptedConnection::new);
  }

  /** Applies a tuning to open connections, each on its own thread, and to later ones. */
  public void setTuning(TransportTuning tuning) {
    config = config.withTuning(tuning);
    sockets.forEach(socket -> socket.setTuning(tuning));
  }

  /** The latest tuning. */
  TransportTuning tuning() {
    return config.tuning();
  }

  ConnectionConfig config(StreamLimits limits) {
    return config.withStreams(limits);
  }

  ConnectionConfig soleConfig() {
    return config(ONE_STREAM);
  }

  SecureRandom random() {
    return random;
  }

  EndpointTrace trace() {
    return trace;
  }

  void add(QuantumSocket socket) {
    sockets.add(socket);
  }

  void remove(QuantumSocket socket) {
    sockets.remove(socket);
  }
}
