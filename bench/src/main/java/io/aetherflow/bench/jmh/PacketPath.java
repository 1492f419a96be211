package io.aetherflow.bench.jmh;

import io.aetherflow.quantum.PeerAddress;
import io.aetherflow.quantum.congestion.Bbr;
import io.aetherflow.quantum.connection.ConnectionConfig;
import io.aetherflow.quantum.connection.ConnectionState;
import io.aetherflow.quantum.endpoint.Endpoint;
import io.aetherflow.quantum.endpoint.EndpointConfig;
import java.util.Random;

/**
 * Both ends of the sans-IO core on one thread, joined by wires in virtual time: 100 Mbit/s, 50 ms.
 * Not thread-safe.
 */
final class PacketPath {
  private static final PeerAddress CLIENT = PeerAddress.ofIpv4(0x7F000001, 40_000);
  private static final PeerAddress SERVER = PeerAddress.ofIpv4(0x7F000001, 9_090);
  private static final int HANDSHAKE_DATAGRAMS_MAX = 100;

  private final VirtualWire up;
  private final VirtualWire down;
  private final PathEnd client;
  private final PathEnd server;
  private long nowNs;

  PacketPath(Scenario scenario) {
    up = new VirtualWire(scenario.lossShare(), 1);
    down = new VirtualWire(scenario.lossShare(), 2);
    ConnectionConfig config =
        ConnectionConfig.of(scenario.tuning(), () -> new Bbr(1, ConnectionConfig.DATAGRAM_BYTES));
    Endpoint caller = new Endpoint(EndpointConfig.client(config), new Random(3));
    Endpoint answerer = new Endpoint(EndpointConfig.server(config), new Random(4));
    Traffic writer = scenario.isBulk() ? new Traffic.Bulk() : new Traffic.Caller();
    Traffic reader = scenario.isBulk() ? new Traffic() : new Traffic.Echo();
    client = new PathEnd(caller, SERVER, up, writer);
    server = new PathEnd(answerer, CLIENT, down, reader);
    establish();
  }

  private void establish() {
    client.connect(nowNs);
    while (client.connection().state() != ConnectionState.ESTABLISHED) {
      step();
      if (sent() > HANDSHAKE_DATAGRAMS_MAX) {
        throw new IllegalStateException("no handshake");
      }
    }
    client.begin(nowNs);
  }

  /** Datagrams that both ends have sent. */
  long sent() {
    return client.sent() + server.sent();
  }

  /** Goes on until so many more datagrams have left; returns the virtual time. */
  long run(int datagrams) {
    long end = sent() + datagrams;
    while (sent() < end) {
      step();
    }
    return nowNs;
  }

  private void step() {
    long arrivalNs = Math.min(up.nextArrivalNs(), down.nextArrivalNs());
    long nextNs = Math.min(arrivalNs, Math.min(client.nextNs(), server.nextNs()));
    nowNs = Math.max(nowNs, nextNs);
    client.receive(down, nowNs);
    server.receive(up, nowNs);
    client.drive(nowNs);
    server.drive(nowNs);
  }
}
