package io.aetherflow.quantum.connection;

import io.aetherflow.quantum.PeerAddress;
import io.aetherflow.quantum.TransportTuning;
import io.aetherflow.quantum.congestion.Bbr;
import io.aetherflow.quantum.packet.Guuid;
import java.util.Random;

/** Two ends joined by arrays: what one sends, the other has at once. Time is a field. */
final class Pair {
  static final long MS = 1_000_000;
  static final PeerAddress CLIENT = PeerAddress.ofIpv4(1, 1111);
  static final PeerAddress SERVER = PeerAddress.ofIpv4(2, 9090);

  final SharedBuffers buffers;
  final Connection client;
  final Connection server;
  final Recorder clientEvents = new Recorder();
  final Recorder serverEvents = new Recorder();
  long nowNs;
  long packets;

  /** Packets that the server rebuilt from parity. */
  long rebuilt;

  /** The largest datagram that the path carries. */
  int mtuBytes = ConnectionConfig.DATAGRAM_BYTES;

  /** Share of datagrams lost each way, 0 to 1. */
  double lossShare;

  private final Random losses = new Random(4);
  private final byte[] wire = new byte[ConnectionConfig.DATAGRAM_BYTES];

  Pair(TransportTuning tuning) {
    this(ConnectionConfig.of(tuning, () -> new Bbr(1, 1200)));
  }

  Pair(ConnectionConfig config) {
    buffers = new SharedBuffers(config.buffers(), config.kernel());
    Guuid guuid = new Guuid(1, 2);
    Random random = new Random(3);
    ConnectionTrace none = ConnectionTrace.NONE;
    client = Connection.connect(config, buffers, guuid, SERVER, random, none, 0);
    ConnectionTrace counter = countingRebuilt();
    server = Connection.accept(config, buffers, guuid, CLIENT, false, random, counter, 0);
  }

  /** Joins a client of the test's own, whose GUUID is (1, 2), with a server. */
  Pair(Connection client, TransportTuning tuning) {
    this.client = client;
    ConnectionConfig config = ConnectionConfig.of(tuning, () -> new Bbr(1, 1200));
    buffers = new SharedBuffers(config.buffers(), config.kernel());
    Guuid guuid = client.guuid();
    ConnectionTrace trace = ConnectionTrace.NONE;
    server = Connection.accept(config, buffers, guuid, CLIENT, false, new Random(3), trace, 0);
  }

  private ConnectionTrace countingRebuilt() {
    return new ConnectionTrace() {
      @Override
      public void onRecovered(long number, long nominalNs, long nowNs) {
        rebuilt++;
      }
    };
  }

  static Pair established(TransportTuning tuning) {
    return established(new Pair(tuning));
  }

  static Pair established(ConnectionConfig config) {
    return established(new Pair(config));
  }

  private static Pair established(Pair pair) {
    pair.runFor(100 * MS);
    if (pair.server.state() != ConnectionState.ESTABLISHED) {
      throw new AssertionError("no handshake: " + pair.server.state());
    }
    return pair;
  }

  /** Moves packets and timers for some time, in steps of 100 microseconds. */
  void runFor(long ns) {
    long endNs = nowNs + ns;
    while (nowNs < endNs) {
      nowNs += MS / 10;
      step();
    }
  }

  long nextTimeoutNs() {
    return Math.min(client.nextTimeoutNs(), server.nextTimeoutNs());
  }

  void step() {
    if (client.nextTimeoutNs() <= nowNs) {
      client.onTimeout(nowNs);
    }
    if (server.nextTimeoutNs() <= nowNs) {
      server.onTimeout(nowNs);
    }
    while (move(client, server, CLIENT) | move(server, client, SERVER)) {
      client.deliverEvents(clientEvents);
      server.deliverEvents(serverEvents);
    }
    client.deliverEvents(clientEvents);
    server.deliverEvents(serverEvents);
  }

  private boolean move(Connection from, Connection to, PeerAddress address) {
    int length = from.pollTransmit(nowNs, wire, 0);
    if (length > 0) {
      packets++;
      boolean kept = lossShare == 0 || losses.nextDouble() >= lossShare;
      if (kept && length <= mtuBytes) {
        to.onDatagram(address, wire, 0, length, nowNs);
      }
    }
    return length > 0;
  }
}
