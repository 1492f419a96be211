package io.aetherflow.bench.jmh;

import io.aetherflow.quantum.PeerAddress;
import io.aetherflow.quantum.connection.Connection;
import io.aetherflow.quantum.endpoint.Endpoint;
import io.aetherflow.quantum.frame.FrameLimits;

/** An endpoint with one connection, driven as a socket's owner drives it. Not thread-safe. */
final class PathEnd {
  private final Endpoint endpoint;
  private final PeerAddress peer;
  private final VirtualWire out;
  private final Traffic traffic;
  private final byte[] answer = new byte[FrameLimits.DATAGRAM_BYTES_MIN];
  private Connection connection;
  private long sent;

  PathEnd(Endpoint endpoint, PeerAddress peer, VirtualWire out, Traffic traffic) {
    this.endpoint = endpoint;
    this.peer = peer;
    this.out = out;
    this.traffic = traffic;
  }

  void connect(long nowNs) {
    connection = endpoint.connect(peer, nowNs);
    drive(nowNs);
  }

  /** Opens the stream that the traffic needs. */
  void begin(long nowNs) {
    traffic.begin(connection.openStream(), nowNs);
    drive(nowNs);
  }

  Connection connection() {
    return connection;
  }

  /** Datagrams that left so far. */
  long sent() {
    return sent;
  }

  long nextNs() {
    long timeoutNs = connection == null ? Traffic.NEVER : connection.nextTimeoutNs();
    return Math.min(timeoutNs, traffic.nextNs());
  }

  /** Takes all that has arrived. */
  void receive(VirtualWire in, long nowNs) {
    while (in.nextArrivalNs() <= nowNs) {
      connection = endpoint.onDatagram(peer, in.oldest(), 0, in.oldestBytes(), answer, nowNs);
      in.take();
    }
  }

  /** Timers, the traffic's own business, then all that may leave. */
  void drive(long nowNs) {
    if (connection == null) {
      return;
    }
    if (connection.nextTimeoutNs() <= nowNs) {
      connection.onTimeout(nowNs);
    }
    connection.deliverEvents(traffic);
    if (traffic.nextNs() <= nowNs) {
      traffic.onTime(nowNs);
    }
    int bytes = connection.pollTransmit(nowNs, out.slot(), 0);
    while (bytes > 0) {
      out.send(bytes, nowNs);
      sent++;
      bytes = connection.pollTransmit(nowNs, out.slot(), 0);
    }
  }
}
