package io.aetherflow.quantum.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.quantum.PeerAddress;
import io.aetherflow.quantum.TransportTuning;
import io.aetherflow.quantum.TransportTuning.FecMode;
import io.aetherflow.quantum.UsedHeap;
import io.aetherflow.quantum.buffer.BigEndian;
import io.aetherflow.quantum.congestion.Bbr;
import io.aetherflow.quantum.connection.Connection;
import io.aetherflow.quantum.connection.ConnectionConfig;
import io.aetherflow.quantum.connection.ConnectionTrace;
import io.aetherflow.quantum.packet.Crc32cProtection;
import io.aetherflow.quantum.packet.Guuid;
import io.aetherflow.quantum.packet.PacketProtection;
import io.aetherflow.quantum.packet.PacketReader;
import io.aetherflow.quantum.packet.PacketRefusal;
import io.aetherflow.quantum.stream.QuantumStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Mutated datagrams of a real conversation against each end of it. {@code -Dmutants=N} runs more of
 * them, {@code -Dseed=N} others.
 */
class MutatedDatagramsTest {
  private static final int MUTANTS = Integer.getInteger("mutants", 300_000);
  private static final long SEED = Long.getLong("seed", 1);
  private static final PeerAddress CLIENT = PeerAddress.ofIpv4(1, 1111);
  private static final PeerAddress SERVER = PeerAddress.ofIpv4(2, 9090);
  private static final int GUUID_OFFSET = 6;
  private static final int NUMBER_OFFSET = 22;
  private static final int PAYLOAD_LENGTH_OFFSET = 30;
  private static final int HEADER_BYTES = 32;

  /** Mutants for one conversation, if none ends it. */
  private static final int ROUND = 500;

  /** Mutants that still come after one has ended it. */
  private static final int AFTER_ITS_END = 5;

  /** What the JIT and the test itself may add while the mutants run. */
  private static final long GROWTH_MAX_BYTES = 8 << 20;

  private final Random random = new Random(SEED);
  private final Crc32cProtection protection = new Crc32cProtection();
  private final PacketReader header = new PacketReader();
  private final byte[] answer = new byte[1500];
  private final byte[] wire = new byte[1500];
  private final SilentListener silent = new SilentListener();
  private final ConnectionConfig config =
      ConnectionConfig.of(
          TransportTuning.DEFAULT.withFec(FecMode.FIXED, 5, 40), () -> new Bbr(1, 1200));
  private long nowNs;
  private boolean attacking;
  private int taken;

  /** One end of a conversation, and what the other end sent it. */
  private record Victim(
      Endpoint endpoint, Connection connection, PeerAddress peer, List<byte[]> seen) {}

  @Test
  void noMutantRaisesAnExceptionOrLeavesMemoryBehindAndHalfOfThemAreWellFormedOutside() {
    int mutants = 0;
    int wellFormed = 0;
    long usedEarly = 0;
    while (mutants < MUTANTS) {
      Victim victim = conversation(random.nextInt(3) > 0);
      attacking = true;
      for (int i = 0, after = 0; i < ROUND && after < AFTER_ITS_END; i++) {
        byte[] mutant = mutant(victim.seen().get(random.nextInt(victim.seen().size())));
        wellFormed += isWellFormed(mutant, victim.connection().guuid()) ? 1 : 0;
        mutants++;
        attack(victim, mutant);
        after += victim.connection().state().isOpen() ? 0 : 1;
      }
      attacking = false;
      victim.endpoint().close();
      if (usedEarly == 0 && mutants > MUTANTS / 4) {
        usedEarly = UsedHeap.bytes();
      }
    }
    long grown = UsedHeap.bytes() - usedEarly;
    System.out.printf(
        "%d mutants, %d with valid magic, version, GUUID and tag, the frames of %d taken;"
            + " %d bytes of heap more after the last three quarters%n",
        mutants, wellFormed, taken, grown);
    assertThat(2L * wellFormed).as("mutants with valid outside").isGreaterThanOrEqualTo(mutants);
    assertThat(4L * taken).as("mutants whose frames were taken").isGreaterThanOrEqualTo(mutants);
    assertThat(grown).as("bytes of heap").isLessThan(GROWTH_MAX_BYTES);
    assertThat(config.buffers().bytesInUse()).as("bytes of buffers").isZero();
  }

  private boolean isWellFormed(byte[] mutant, Guuid guuid) {
    return header.parse(mutant, 0, mutant.length) == PacketRefusal.NONE
        && new Guuid(header.guuidHigh(), header.guuidLow()).equals(guuid)
        && protection.open(1, mutant, 0, header.headerBytes(), header.payloadBytes())
            != PacketProtection.REFUSED;
  }

  private void attack(Victim at, byte[] mutant) {
    Connection victim = at.connection();
    nowNs += random.nextInt(2_000_000);
    PeerAddress from = random.nextInt(20) == 0 ? PeerAddress.ofIpv4(9, 9) : at.peer();
    at.endpoint().onDatagram(from, mutant, 0, mutant.length, answer, nowNs);
    victim.deliverEvents(silent);
    if (victim.nextTimeoutNs() <= nowNs) {
      victim.onTimeout(nowNs);
    }
    int budget = 100;
    while (victim.pollTransmit(nowNs, wire, 0) > 0 && budget-- > 0) {}
  }

  /** A real handshake with data both ways; every datagram to the victim is kept, some are lost. */
  private Victim conversation(boolean atServer) {
    Endpoint server = new Endpoint(EndpointConfig.server(config), random);
    Endpoint clients = new Endpoint(EndpointConfig.client(config), random);
    (atServer ? server : clients).setTrace(countingTaken());
    Connection client = clients.connect(SERVER, nowNs);
    List<byte[]> up = new ArrayList<>();
    List<byte[]> down = new ArrayList<>();
    QuantumStream stream = null;
    for (int round = 0; round < 40; round++) {
      nowNs += 1_000_000;
      boolean lossy = round >= 10;
      send(client, CLIENT, server, up, lossy);
      Connection peer = server.connections().getFirst();
      send(peer, SERVER, clients, down, lossy);
      stream = stream == null ? client.openStream() : stream;
      if (stream != null && round < 35) {
        stream.write(new byte[700], 0, 700);
        QuantumStream theirs = peer.stream(stream.id());
        if (theirs != null) {
          theirs.write(new byte[700], 0, 700);
        }
      }
    }
    Connection peer = server.connections().getFirst();
    (atServer ? clients : server).close();
    return atServer
        ? new Victim(server, peer, CLIENT, up)
        : new Victim(clients, client, SERVER, down);
  }

  private void send(
      Connection sender, PeerAddress address, Endpoint to, List<byte[]> sent, boolean lossy) {
    sender.onTimeout(nowNs);
    sender.deliverEvents(silent);
    for (int n = sender.pollTransmit(nowNs, wire, 0);
        n > 0;
        n = sender.pollTransmit(nowNs, wire, 0)) {
      byte[] datagram = Arrays.copyOf(wire, n);
      sent.add(datagram);
      if (!lossy || random.nextInt(3) > 0) {
        to.onDatagram(address, datagram.clone(), 0, n, answer, nowNs);
      }
    }
  }

  private EndpointTrace countingTaken() {
    return EndpointTrace.sharing(
        new ConnectionTrace() {
          @Override
          public void onPacketReceived(long number, int bytes, long nowNs) {
            taken += attacking ? 1 : 0;
          }
        });
  }

  private byte[] mutant(byte[] original) {
    byte[] mutant = original.clone();
    if (random.nextInt(10) == 0) {
      mutant = Arrays.copyOf(mutant, random.nextInt(mutant.length + 100));
    }
    int payloadFrom = Math.min(HEADER_BYTES, mutant.length);
    for (int n = 1 + random.nextInt(4); n > 0 && mutant.length > 0; n--) {
      boolean inPayload = random.nextInt(4) > 0 && mutant.length > payloadFrom;
      int span = Math.min(inPayload ? mutant.length - payloadFrom : mutant.length, 60);
      int at = (inPayload ? payloadFrom : 0) + random.nextInt(span);
      switch (random.nextInt(3)) {
        case 0 -> mutant[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> mutant[at] = (byte) random.nextInt(0x20);
        default -> mutant[at] = (byte) random.nextInt();
      }
    }
    if (mutant.length > HEADER_BYTES && random.nextInt(4) > 0) {
      // A fresh number, or the replay filter takes it.
      BigEndian.put32(mutant, NUMBER_OFFSET, 100_000 + random.nextInt(1 << 20));
    }
    if (random.nextInt(5) > 0) {
      seal(mutant, original);
    }
    return mutant;
  }

  /** Repairs what stands around the frames, where that is possible. */
  private void seal(byte[] mutant, byte[] original) {
    if (mutant.length < HEADER_BYTES + protection.tagBytes()) {
      return;
    }
    System.arraycopy(original, 0, mutant, 0, 5);
    System.arraycopy(original, GUUID_OFFSET, mutant, GUUID_OFFSET, Guuid.BYTES);
    header.parse(original, 0, original.length);
    int room = mutant.length - header.headerBytes();
    boolean fits = room >= protection.tagBytes();
    BigEndian.put16(mutant, PAYLOAD_LENGTH_OFFSET, fits ? room : mutant.length - HEADER_BYTES);
    if (header.parse(mutant, 0, mutant.length) != PacketRefusal.NONE) {
      mutant[5] |= 0x10;
    }
    if (header.parse(mutant, 0, mutant.length) == PacketRefusal.NONE) {
      protection.seal(1, mutant, 0, header.headerBytes(), header.payloadBytes() - 4);
    }
  }
}
