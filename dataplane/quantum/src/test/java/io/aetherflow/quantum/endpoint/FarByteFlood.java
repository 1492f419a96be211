package io.aetherflow.quantum.endpoint;

import io.aetherflow.quantum.PeerAddress;
import io.aetherflow.quantum.TransportTuning;
import io.aetherflow.quantum.buffer.BufferBudget;
import io.aetherflow.quantum.congestion.Bbr;
import io.aetherflow.quantum.connection.Connection;
import io.aetherflow.quantum.connection.ConnectionConfig;
import io.aetherflow.quantum.connection.ConnectionState;
import io.aetherflow.quantum.frame.FrameWriter;
import io.aetherflow.quantum.packet.Crc32cProtection;
import io.aetherflow.quantum.packet.PacketHeader;
import io.aetherflow.quantum.packet.PacketWriter;
import io.aetherflow.quantum.stream.QuantumStream;
import java.util.Random;

/**
 * A program for a small heap: many proved clients send one byte far ahead on each of a thousand
 * streams; then an honest one must still get a megabyte through. Ends with 1 if it does not, or if
 * the server's buffers pass their bound.
 */
final class FarByteFlood {
  private static final int CONNECTIONS = 1000;
  private static final int STREAMS = 1000;
  private static final int FRAMES_PER_PACKET = 100;

  /** Pages beyond the limit that every connection may have, with their overhead. */
  private static final long FLOOR_BYTES = 2 * 80 * 1024;

  private static final PeerAddress SERVER = PeerAddress.ofIpv4(2, 9090);

  private final Random random = new Random(1);
  private final BufferBudget budget = BufferBudget.ofHeap();
  private final Crc32cProtection protection = new Crc32cProtection();
  private final FrameWriter writer = new FrameWriter();
  private final byte[] wire = new byte[1500];
  private final byte[] answer = new byte[1500];
  private final SilentListener silent = new SilentListener();
  private final Endpoint server =
      new Endpoint(EndpointConfig.server(config().withBuffers(budget)), random);
  private long nowNs;

  static void main() {
    boolean holds = new FarByteFlood().run();
    System.exit(holds ? 0 : 1);
  }

  private static ConnectionConfig config() {
    return ConnectionConfig.of(TransportTuning.DEFAULT, () -> new Bbr(1, 1200));
  }

  private boolean run() {
    Client honest = new Client(0);
    honest.exchange(20);
    int attackers = 0;
    for (int i = 1; i <= CONNECTIONS; i++) {
      Client client = new Client(i);
      client.exchange(10);
      if (client.connection.state() == ConnectionState.ESTABLISHED) {
        attackers++;
        flood(client);
      }
    }
    long inUse = budget.bytesInUse();
    long read = honest.send(1 << 20);
    System.out.printf(
        "%d attackers: %d of %d bytes in use; an honest client sent %d bytes%n",
        attackers, inUse, budget.limitBytes(), read);
    return attackers > 10
        && inUse <= budget.limitBytes() + FLOOR_BYTES * (attackers + 1)
        && read >= 1 << 20;
  }

  /** One byte per stream, in the second page of each, as the connection's window allows. */
  private void flood(Client client) {
    long number = 1000;
    for (int from = 0; from < STREAMS; from += FRAMES_PER_PACKET) {
      PacketWriter.putHeader(wire, 0, 0, client.connection.guuid(), number++);
      writer.begin(wire, PacketHeader.BYTES, 1400);
      for (int i = from; i < from + FRAMES_PER_PACKET; i++) {
        long offset = i == 0 ? (1 << 21) : 5000;
        writer.stream(2L * i, offset, false, new byte[1], 0, 1);
      }
      int frames = writer.bytes();
      PacketWriter.putPayloadBytes(wire, 0, frames + protection.tagBytes());
      protection.seal(number, wire, 0, PacketHeader.BYTES, frames);
      int length = PacketHeader.BYTES + frames + protection.tagBytes();
      server.onDatagram(client.address, wire, 0, length, answer, nowNs);
    }
  }

  /** A real client and its way to the server. */
  private final class Client {
    final PeerAddress address;
    final Endpoint endpoint = new Endpoint(EndpointConfig.client(config()), random);
    final Connection connection = endpoint.connect(SERVER, nowNs);
    private Connection peer;

    Client(int index) {
      address = PeerAddress.ofIpv4(100 + index, 1111);
    }

    void exchange(int milliseconds) {
      for (int round = 0; round < milliseconds; round++) {
        nowNs += 1_000_000;
        connection.onTimeout(nowNs);
        connection.deliverEvents(silent);
        for (int n = connection.pollTransmit(nowNs, wire, 0);
            n > 0;
            n = connection.pollTransmit(nowNs, wire, 0)) {
          Connection taker = server.onDatagram(address, wire, 0, n, answer, nowNs);
          peer = taker == null ? peer : taker;
          if (server.answerBytes() > 0) {
            endpoint.onDatagram(SERVER, answer, 0, server.answerBytes(), wire, nowNs);
          }
        }
        if (peer != null) {
          answer();
        }
      }
    }

    private void answer() {
      peer.onTimeout(nowNs);
      peer.deliverEvents(silent);
      for (int n = peer.pollTransmit(nowNs, wire, 0);
          n > 0;
          n = peer.pollTransmit(nowNs, wire, 0)) {
        endpoint.onDatagram(SERVER, wire, 0, n, answer, nowNs);
      }
    }

    /** Returns how many bytes were acknowledged after at most 20 virtual seconds. */
    long send(int bytes) {
      QuantumStream stream = connection.openStream();
      byte[] chunk = new byte[16 * 1024];
      long written = 0;
      for (int round = 0; round < 20_000 && written - stream.unackedBytes() < bytes; round++) {
        written += stream.write(chunk, 0, chunk.length);
        exchange(1);
      }
      return written - stream.unackedBytes();
    }
  }
}
