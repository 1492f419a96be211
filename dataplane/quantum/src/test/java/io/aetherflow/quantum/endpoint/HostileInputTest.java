package io.aetherflow.quantum.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.quantum.PeerAddress;
import io.aetherflow.quantum.TransportTuning;
import io.aetherflow.quantum.TransportTuning.FecMode;
import io.aetherflow.quantum.UsedHeap;
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
import io.aetherflow.quantum.stream.QuantumStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Spoofed SYNs, strangers, and floods that are after memory. */
class HostileInputTest {
  private static final long SEED = Long.getLong("seed", 1);
  private static final int SPOOFED = 100_000;

  /** The endpoint's default. */
  private static final int HALF_OPEN_MAX = 256;

  /** 257 connections, the test's own maps, and what the JIT keeps. */
  private static final long FLOOD_HEAP_MAX_BYTES = 16 << 20;

  private static final PeerAddress CLIENT = PeerAddress.ofIpv4(1, 1111);
  private static final PeerAddress SERVER = PeerAddress.ofIpv4(2, 9090);

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

  /** A SYN from an address and with a GUUID of chance; returns its length. */
  private int spoofedSyn(byte[] template) {
    System.arraycopy(template, 0, wire, 0, template.length);
    BigEndian.put64(wire, 6, random.nextLong());
    BigEndian.put64(wire, 14, random.nextLong());
    header.parse(wire, 0, template.length);
    protection.seal(1, wire, 0, header.headerBytes(), header.payloadBytes() - 4);
    return template.length;
  }

  private byte[] syn() {
    Endpoint one = new Endpoint(EndpointConfig.client(config()), random);
    int length = one.connect(SERVER, nowNs).pollTransmit(nowNs, wire, 0);
    return Arrays.copyOf(wire, length);
  }

  /** A gigabit of them per second; half-way through a client comes that is one. */
  @Test
  void whileSpoofedSynsFloodTheServerItsMemoryIsBoundedAndARealClientConnects() {
    ConnectionConfig config = config();
    Endpoint server = new Endpoint(EndpointConfig.server(config), random);
    Map<PeerAddress, Long> sent = new HashMap<>();
    byte[] syn = syn();
    long usedBefore = UsedHeap.bytes();
    for (int i = 0; i < SPOOFED / 2; i++) {
      spoof(server, syn, sent);
    }
    Endpoint clients = new Endpoint(EndpointConfig.client(config()), random);
    Connection client = clients.connect(SERVER, nowNs);
    for (int i = 0; i < SPOOFED / 2; i++) {
      spoof(server, syn, sent);
      if (i % 100 == 0) {
        countSent(server, sent);
        exchange(clients, client, server);
      }
    }
    assertThat(client.state()).isEqualTo(ConnectionState.ESTABLISHED);
    assertThat(server.connectionCount()).isLessThanOrEqualTo(HALF_OPEN_MAX + 1);
    long perConnection = config.buffers().bytesInUse() / server.connectionCount();
    assertThat(perConnection).as("bytes of buffers").isLessThan(1024);
    assertThat(UsedHeap.bytes() - usedBefore).as("bytes of heap").isLessThan(FLOOD_HEAP_MAX_BYTES);

    for (int i = 0; i < 12_000; i++) {
      nowNs += 1_000_000;
      countSent(server, sent);
    }
    assertThat(sent).hasSize(HALF_OPEN_MAX);
    assertThat(sent.values()).allMatch(bytes -> bytes > 0 && bytes <= 3L * syn.length);
    assertThat(server.connections()).as("half-open ones are given up").hasSize(1);
  }

  /** However many SYNs come at once, MACs are computed for a tenth of a second's worth of them. */
  @Test
  void retriesHaveARate() {
    Endpoint server = new Endpoint(EndpointConfig.server(config()), random);
    byte[] syn = syn();
    nowNs += 1_000_000_000;
    assertThat(retries(server, syn, HALF_OPEN_MAX + 20_000)).isEqualTo(10_000);
    nowNs += 1_000_000;
    assertThat(retries(server, syn, 1_000)).isEqualTo(100);
  }

  private int retries(Endpoint server, byte[] syn, int syns) {
    int answered = 0;
    for (int i = 0; i < syns; i++) {
      PeerAddress spoofed = PeerAddress.ofIpv4(random.nextInt(), 1 + random.nextInt(65535));
      server.onDatagram(spoofed, wire, 0, spoofedSyn(syn), answer, nowNs);
      answered += server.answerBytes() > 0 ? 1 : 0;
    }
    return answered;
  }

  private void spoof(Endpoint server, byte[] syn, Map<PeerAddress, Long> sent) {
    nowNs += 10_000;
    PeerAddress spoofed = PeerAddress.ofIpv4(random.nextInt(), 1 + random.nextInt(65535));
    int length = spoofedSyn(syn);
    Connection made = server.onDatagram(spoofed, wire, 0, length, answer, nowNs);
    assertThat(server.answerBytes()).as("a RETRY or nothing").isLessThan(100);
    if (made != null) {
      sent.put(spoofed, 0L);
    }
  }

  /** Drives the server's connections; adds up what leaves to addresses that are not proved. */
  private void countSent(Endpoint server, Map<PeerAddress, Long> sent) {
    for (Connection each : server.connections()) {
      if (!sent.containsKey(each.peerAddress())) {
        continue;
      }
      each.onTimeout(nowNs);
      for (int n = each.pollTransmit(nowNs, wire, 0);
          n > 0;
          n = each.pollTransmit(nowNs, wire, 0)) {
        sent.merge(each.transmitTo(), (long) n, Long::sum);
      }
      if (each.state() == ConnectionState.CLOSED) {
        server.remove(each);
      }
    }
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
      exchange(clients, client, server);
    }
    return client.state() == ConnectionState.ESTABLISHED;
  }

  /** What one client has to say, and what it is answered. */
  private void exchange(Endpoint clients, Connection client, Endpoint server) {
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
