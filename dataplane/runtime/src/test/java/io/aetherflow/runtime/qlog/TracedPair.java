package io.aetherflow.runtime.qlog;

import io.aetherflow.quantum.PeerAddress;
import io.aetherflow.quantum.TransportTuning;
import io.aetherflow.quantum.TransportTuning.FecMode;
import io.aetherflow.quantum.congestion.Bbr;
import io.aetherflow.quantum.connection.CloseReason;
import io.aetherflow.quantum.connection.Connection;
import io.aetherflow.quantum.connection.ConnectionConfig;
import io.aetherflow.quantum.connection.ConnectionListener;
import io.aetherflow.quantum.connection.ConnectionState;
import io.aetherflow.quantum.endpoint.Endpoint;
import io.aetherflow.quantum.endpoint.EndpointConfig;
import io.aetherflow.quantum.endpoint.EndpointTrace;
import io.aetherflow.quantum.stream.QuantumStream;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Random;

/**
 * Both ends of the core in virtual time, 50 ms apart, with parity and one lost datagram in ten:
 * what the client writes comes back. Not thread-safe.
 */
final class TracedPair {
  private static final long DELAY_NS = 25_000_000;
  private static final double LOSS = 0.1;

  private final int bytes;
  private final End client;
  private final End server;
  private long nowNs;

  TracedPair(EndpointTrace trace, int bytes) {
    this.bytes = bytes;
    TransportTuning tuning = TransportTuning.DEFAULT.withFec(FecMode.FIXED, 10, 30);
    ConnectionConfig config = ConnectionConfig.of(tuning, () -> new Bbr(1, 1200));
    client = new End(EndpointConfig.client(config), 1, trace);
    server = new End(EndpointConfig.server(config), 2, trace);
    client.peer = server;
    server.peer = client;
  }

  /** From the handshake to the end of both connections. */
  void run() {
    client.connection = client.endpoint.connect(server.address, nowNs);
    client.drive();
    while (client.isOpen() || server.isOpen()) {
      nowNs = Math.max(nowNs, Math.min(client.nextNs(), server.nextNs()));
      client.step();
      server.step();
    }
  }

  private record Datagram(byte[] content, long arrivalNs) {}

  private final class End implements ConnectionListener {
    final Endpoint endpoint;
    final PeerAddress address;
    private final ArrayDeque<Datagram> arriving = new ArrayDeque<>();
    private final Random random;
    private final byte[] buf = new byte[ConnectionConfig.DATAGRAM_BYTES];
    End peer;
    Connection connection;
    private int got;

    End(EndpointConfig config, int number, EndpointTrace trace) {
      address = PeerAddress.ofIpv4(number, 9090);
      random = new Random(number);
      endpoint = new Endpoint(config, new Random(number));
      endpoint.setTrace(trace);
    }

    boolean isOpen() {
      return connection == null || connection.state() != ConnectionState.CLOSED;
    }

    long nextNs() {
      long arrivalNs = arriving.isEmpty() ? Long.MAX_VALUE : arriving.peek().arrivalNs();
      long timeoutNs = connection == null ? Long.MAX_VALUE : connection.nextTimeoutNs();
      return Math.min(arrivalNs, timeoutNs);
    }

    void step() {
      while (!arriving.isEmpty() && arriving.peek().arrivalNs() <= nowNs) {
        byte[] in = arriving.poll().content();
        Connection taker = endpoint.onDatagram(peer.address, in, 0, in.length, buf, nowNs);
        connection = connection == null ? taker : connection;
      }
      if (connection != null && connection.nextTimeoutNs() <= nowNs) {
        connection.onTimeout(nowNs);
      }
      drive();
    }

    private void drive() {
      if (connection == null) {
        return;
      }
      connection.deliverEvents(this);
      int length = connection.pollTransmit(nowNs, buf, 0);
      while (length > 0) {
        if (random.nextDouble() >= LOSS) {
          peer.arriving.add(new Datagram(Arrays.copyOf(buf, length), nowNs + DELAY_NS));
        }
        length = connection.pollTransmit(nowNs, buf, 0);
      }
    }

    @Override
    public void onEstablished() {
      if (this == client) {
        connection.openStream().write(new byte[bytes], 0, bytes);
      }
    }

    @Override
    public void onReadable(QuantumStream stream) {
      byte[] content = new byte[bytes];
      int count = stream.read(content, 0, bytes);
      got += count;
      if (this == server) {
        stream.write(content, 0, count);
      } else if (got == bytes) {
        connection.closeWhenDelivered(DELAY_NS, nowNs);
      }
    }

    @Override
    public void onOpened(QuantumStream stream) {}

    @Override
    public void onWritable(QuantumStream stream) {}

    @Override
    public void onReset(QuantumStream stream) {}

    @Override
    public void onStopped(QuantumStream stream) {}

    @Override
    public void onClosed(QuantumStream stream) {}

    @Override
    public void onStreamsAvailable() {}

    @Override
    public void onClosed(CloseReason reason) {}
  }
}
