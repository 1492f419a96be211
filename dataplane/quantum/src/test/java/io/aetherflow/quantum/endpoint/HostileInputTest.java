package io.aetherflow.quantum.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.quantum.PeerAddress;
import io.aetherflow.quantum.TransportTuning;
import io.aetherflow.quantum.TransportTuning.FecMode;
import io.aetherflow.quantum.buffer.BigEndian;
import io.aetherflow.quantum.buffer.BufferBudget;
import io.aetherflow.quantum.congestion.Bbr;
import io.aetherflow.quantum.connection.CloseReason;
import io.aetherflow.quantum.connection.Connection;
import io.aetherflow.quantum.connection.ConnectionConfig;
import io.aetherflow.quantum.connection.ConnectionState;
import io.aetherflow.quantum.connection.ConnectionTrace;
import io.aetherflow.quantum.frame.FrameWriter;
import io.aetherflow.quantum.packet.Crc32cProtection;
import io.aetherflow.quantum.packet.Guuid;
import io.aetherflow.quantum.packet.PacketReader;
import io.aetherflow.quantum.packet.PacketRefusal;
import io.aetherflow.quantum.stream.QuantumStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * Mutated datagrams against live connections, and a flood of spoofed SYNs. {@code -Dmutants=N} runs
 * more of them, {@code -Dseed=N} others.
 */
class HostileInputTest {
  private static final int MUTANTS = Integer.getInteger("mutants", 300_000);
  private static final long SEED = Long.getLong("seed", 1);
  private static final PeerAddress CLIENT = PeerAddress.ofIpv4(1, 1111);
  private static final PeerAddress SERVER = PeerAddress.ofIpv4(2, 9090);
  private static final int ROUND = 500;

  private final Random random = new Random(SEED);
  private final Crc32cProtection protection = new Crc32cProtection();
  private final PacketReader header = new PacketReader();
  private final byte[] answer = new byte[1500];
  private final byte[] wire = new byte[1500];
  private final SilentListener silent = new SilentListener();
  private long nowNs;

  private static ConnectionConfig config() {
    TransportTuning tuning = TransportTuning.DEFAULT.withFec(FecMode.FIXED, 5, 40);
    return ConnectionConfig.of(tuning, () -> new Bbr(1, 1200));
  }

  @Test
  void noMutantRaisesAnExceptionAndHalfOfThemAreWellFormedOutside() {
    int mutants = 0;
    int intact = 0;
    while (mutants < MUTANTS) {
      Endpoint server = new Endpoint(EndpointConfig.server(config()), random);
      List<byte[]> seen = conversation(server);
      Connection victim = server.connections().getFirst();
      for (int i = 0; i < ROUND && victim.state() != ConnectionState.CLOSED; i++) {
        byte[] mutant = mutate(seen.get(random.nextInt(seen.size())));
        boolean sealed = random.nextInt(4) > 0 && seal(mutant);
        intact += sealed ? 1 : 0;
        mutants++;
        attack(server, victim, mutant);
      }
    }
    assertThat(intact * 2).as("mutants with valid outside").isGreaterThanOrEqualTo(mutants);
    System.out.printf("%d mutants, %d of them sealed%n", mutants, intact);
  }

  private void attack(Endpoint server, Connection victim, byte[] mutant) {
    nowNs += random.nextInt(2_000_000);
    PeerAddress from = random.nextInt(20) == 0 ? PeerAddress.ofIpv4(9, 9) : CLIENT;
    server.onDatagram(from, mutant, 0, mutant.length, answer, nowNs);
    victim.deliverEvents(silent);
    if (victim.nextTimeoutNs() <= nowNs) {
      victim.onTimeout(nowNs);
    }
    int budget = 100;
    while (victim.pollTransmit(nowNs, wire, 0) > 0 && budget-- > 0) {}
  }

  /** A real handshake with some data, every datagram of the client kept. */
  private List<byte[]> conversation(Endpoint server) {
    Endpoint clients = new Endpoint(EndpointConfig.client(config()), random);
    Connection client = clients.connect(SERVER, nowNs);
    List<byte[]> seen = new ArrayList<>();
    QuantumStream stream = null;
    for (int round = 0; round < 40; round++) {
      nowNs += 1_000_000;
      client.onTimeout(nowNs);
      for (int n = client.pollTransmit(nowNs, wire, 0);
          n > 0;
          n = client.pollTransmit(nowNs, wire, 0)) {
        byte[] datagram = java.util.Arrays.copyOf(wire, n);
        seen.add(datagram);
        boolean kept = round < 10 || random.nextInt(3) > 0;
        if (kept) {
          server.onDatagram(CLIENT, datagram.clone(), 0, n, answer, nowNs);
        }
      }
      Connection peer = server.connections().getFirst();
      peer.onTimeout(nowNs);
      peer.deliverEvents(silent);
      for (int n = peer.pollTransmit(nowNs, wire, 0);
          n > 0;
          n = peer.pollTransmit(nowNs, wire, 0)) {
        clients.onDatagram(SERVER, wire, 0, n, answer, nowNs);
      }
      client.deliverEvents(silent);
      stream = stream == null ? client.openStream() : stream;
      if (stream != null && round < 35) {
        stream.write(new byte[700], 0, 700);
      }
    }
    return seen;
  }

  private byte[] mutate(byte[] original) {
    byte[] mutant = original.clone();
    if (random.nextInt(10) == 0) {
      mutant = java.util.Arrays.copyOf(mutant, random.nextInt(mutant.length + 100));
    }
    int payloadFrom = Math.min(32, mutant.length);
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
    if (mutant.length >= 32 && random.nextInt(3) > 0) {
      // A fresh number, or the replay filter takes it.
      BigEndian.put32(mutant, 22, 100_000 + random.nextInt(1 << 20));
    }
    return mutant;
  }

  /** Repairs what stands around the frames; false if that is beyond repair. */
  private boolean seal(byte[] mutant) {
    if (mutant.length < 36) {
      return false;
    }
    BigEndian.put32(mutant, 0, 0x51554E54);
    mutant[4] = 1;
    BigEndian.put16(mutant, 30, mutant.length - 32);
    if (header.parse(mutant, 0, mutant.length) != PacketRefusal.NONE) {
      mutant[5] |= 0x10;
    }
    if (header.parse(mutant, 0, mutant.length) != PacketRefusal.NONE) {
      return false;
    }
    protection.seal(1, mutant, 0, header.headerBytes(), header.payloadBytes() - 4);
    return true;
  }

  @Test
  void aFloodOfSpoofedSynsIsBoundedAndARealClientStillConnects() {
    Endpoint server = new Endpoint(EndpointConfig.server(config()), random);
    long received = 0;
    long sent = 0;
    for (int i = 0; i < 100_000; i++) {
      Endpoint one = new Endpoint(EndpointConfig.client(config()), random);
      int n = one.connect(SERVER, nowNs).pollTransmit(nowNs, wire, 0);
      nowNs += 10_000;
      PeerAddress spoofed = PeerAddress.ofIpv4(random.nextInt(), random.nextInt(65536));
      Connection made = server.onDatagram(spoofed, wire, 0, n, answer, nowNs);
      received += n;
      sent += server.answerBytes();
      if (made != null) {
        sent += made.pollTransmit(nowNs, wire, 0);
      }
    }
    assertThat(server.connectionCount()).isLessThanOrEqualTo(256);
    assertThat(sent).isLessThanOrEqualTo(3 * received);
    assertThat(connects(server)).isTrue();
  }

  /** A SYN whose padding is replaced by one byte of a stream, far from its start. */
  private int synWithStream(long offset) {
    Endpoint one = new Endpoint(EndpointConfig.client(config()), random);
    int length = one.connect(SERVER, nowNs).pollTransmit(nowNs, wire, 0);
    header.parse(wire, 0, length);
    FrameWriter writer = new FrameWriter();
    writer.begin(wire, 700, 100);
    writer.stream(0, offset, false, new byte[] {7}, 0, 1);
    protection.seal(1, wire, 0, header.headerBytes(), header.payloadBytes() - 4);
    return length;
  }

  @Test
  void anUnprovedAddressCannotMakeTheServerKeepStreamData() {
    ConnectionConfig config = config();
    Endpoint server = new Endpoint(EndpointConfig.server(config), random);
    AtomicInteger followed = new AtomicInteger();
    server.setTrace(counting(followed));
    for (int i = 0; i < 200; i++) {
      nowNs += 10_000;
      int syn = synWithStream(random.nextInt(4 << 20));
      PeerAddress spoofed = PeerAddress.ofIpv4(random.nextInt(), random.nextInt(65536));
      assertThat(server.onDatagram(spoofed, wire, 0, syn, answer, nowNs)).isNull();
    }
    assertThat(server.connectionCount()).as("SYNs with data leave nothing").isZero();
    assertThat(config.buffers().bytesInUse()).isZero();
    assertThat(followed).as("traces of connections that never were").hasValue(0);
    assertThat(connects(server)).isTrue();
  }

  /** Counts connections that have begun and not ended, as metrics and traces do. */
  private static EndpointTrace counting(AtomicInteger open) {
    return new EndpointTrace() {
      @Override
      public ConnectionTrace onConnection(Guuid guuid, boolean client, long nowNs) {
        open.incrementAndGet();
        return new ConnectionTrace() {
          @Override
          public void onClosed(CloseReason reason, long nowNs) {
            open.decrementAndGet();
          }
        };
      }
    };
  }

  @Test
  void aServerShortOfBuffersWantsTokensAndOneThatHasNoneLetsNoOneIn() {
    nowNs = 1_000_000_000;
    BufferBudget budget = new BufferBudget(1 << 20);
    Endpoint server = new Endpoint(EndpointConfig.server(config().withBuffers(budget)), random);
    budget.reserve(800_000);
    Endpoint one = new Endpoint(EndpointConfig.client(config()), random);
    int syn = one.connect(SERVER, nowNs).pollTransmit(nowNs, wire, 0);
    assertThat(server.onDatagram(CLIENT, wire, 0, syn, answer, nowNs)).isNull();
    assertThat(server.answerBytes()).as("a RETRY").isBetween(40, 100);
    assertThat(connects(server)).as("with the token").isTrue();

    budget.reserve(400_000);
    assertThat(connects(server)).as("while nothing is free").isFalse();
    budget.release(1_200_000);
    assertThat(connects(server)).as("afterwards").isTrue();
  }

  @Test
  void floodsOfFarBytesStayWithinASmallHeap() throws Exception {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Process process =
        new ProcessBuilder(
                java,
                "-Xmx256m",
                "--add-modules=jdk.incubator.vector",
                "-cp",
                System.getProperty("java.class.path"),
                FarByteFlood.class.getName())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    System.out.print(output);
  }

  private boolean connects(Endpoint server) {
    Endpoint clients = new Endpoint(EndpointConfig.client(config()), random);
    Connection client = clients.connect(SERVER, nowNs);
    for (int round = 0; round < 10; round++) {
      nowNs += 500_000_000;
      client.onTimeout(nowNs);
      for (int n = client.pollTransmit(nowNs, wire, 0);
          n > 0;
          n = client.pollTransmit(nowNs, wire, 0)) {
        Connection peer = server.onDatagram(CLIENT, wire, 0, n, answer, nowNs);
        if (server.answerBytes() > 0) {
          clients.onDatagram(SERVER, answer, 0, server.answerBytes(), wire, nowNs);
        }
        for (int m = peer == null ? 0 : peer.pollTransmit(nowNs, wire, 0);
            m > 0;
            m = peer.pollTransmit(nowNs, wire, 0)) {
          clients.onDatagram(SERVER, wire, 0, m, answer, nowNs);
        }
      }
    }
    return client.state() == ConnectionState.ESTABLISHED;
  }

  @Test
  void anUnknownConnectionGetsAnRstThatIsSmallerAndEndsIt() {
    Endpoint clients = new Endpoint(EndpointConfig.client(config()), random);
    Endpoint server = new Endpoint(EndpointConfig.server(config()), random);
    List<byte[]> seen = conversation(server);
    Endpoint restarted = new Endpoint(EndpointConfig.server(config()), random);
    byte[] data = seen.getLast();
    restarted.onDatagram(CLIENT, data, 0, data.length, answer, nowNs);
    assertThat(restarted.answerBytes()).isEqualTo(36).isLessThan(data.length);
    assertThat(restarted.connectionCount()).isZero();
    assertThat(clients.connectionCount()).isZero();
  }

  @Test
  void anotherVersionIsAnsweredWithOurs() {
    Endpoint clients = new Endpoint(EndpointConfig.client(config()), random);
    Endpoint server = new Endpoint(EndpointConfig.server(config()), random);
    int n = clients.connect(SERVER, 0).pollTransmit(0, wire, 0);
    wire[4] = 9;
    assertThat(server.onDatagram(CLIENT, wire, 0, n, answer, 1_000_000_000)).isNull();
    assertThat(server.answerBytes()).isEqualTo(37);
    assertThat(answer[4]).isEqualTo((byte) 9);
    assertThat(answer[5]).isEqualTo((byte) 0x80);
    assertThat(answer[32]).isEqualTo((byte) 1);
  }
}
