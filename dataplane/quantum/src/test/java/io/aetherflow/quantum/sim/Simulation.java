package io.aetherflow.quantum.sim;

import io.aetherflow.quantum.PeerAddress;
import io.aetherflow.quantum.TransportTuning;
import io.aetherflow.quantum.TransportTuning.FecMode;
import io.aetherflow.quantum.buffer.BufferBudget;
import io.aetherflow.quantum.congestion.Bbr;
import io.aetherflow.quantum.congestion.CongestionController;
import io.aetherflow.quantum.congestion.FixedWindowController;
import io.aetherflow.quantum.connection.ConnectionConfig;
import io.aetherflow.quantum.connection.ConnectionState;
import io.aetherflow.quantum.endpoint.Endpoint;
import io.aetherflow.quantum.endpoint.EndpointConfig;
import io.aetherflow.quantum.frame.FrameLimits;
import io.aetherflow.quantum.stream.StreamLimits;
import java.util.Random;
import java.util.function.Supplier;

/** Two ends, a bad network, random use, all from one seed; ledgers are compared at every step. */
final class Simulation {
  private static final long MS = 1_000_000;
  private static final long STEPS_MAX = 5_000_000;
  private static final long VIRTUAL_MAX_NS = 3_600_000 * MS;

  private final Random random;
  private final BufferBudget budget;
  private final SimClock clock = new SimClock();
  final SimNode client;
  final SimNode server;
  private final Workload clientUse;
  private final Workload serverUse;

  Simulation(long seed) {
    random = new Random(seed);
    ConnectionConfig config = config();
    budget = config.buffers();
    client = node(EndpointConfig.client(config), 1, "client");
    server = node(EndpointConfig.server(config), 2, "server");
    client.ledger.join(server.ledger);
    client.flow.join(server.flow);
    client.peer = server;
    server.peer = client;
    client.link = new SimLink(clock, random, traits());
    server.link = new SimLink(clock, random, traits());
    int bytes = random.nextInt(5) == 0 ? 3_000_000 : 200_000;
    double resets = random.nextInt(3) == 0 ? 0.2 : 0;
    int streams = 1 + random.nextInt(12);
    clientUse = new Workload(client, clock, random, 0, streams, bytes, resets);
    serverUse = new Workload(server, clock, random, 1, random.nextInt(4), bytes, resets);
  }

  private SimNode node(EndpointConfig config, int address, String name) {
    Endpoint endpoint = new Endpoint(config, new Random(random.nextLong()));
    return new SimNode(clock, endpoint, PeerAddress.ofIpv4(address, 9090), name);
  }

  private ConnectionConfig config() {
    int window = 20_000 + random.nextInt(400_000);
    long seed = random.nextLong();
    Supplier<CongestionController> congestion =
        random.nextBoolean()
            ? () -> new FixedWindowController(window)
            : () -> new Bbr(seed, FrameLimits.DATAGRAM_BYTES_MIN);
    FecMode mode = FecMode.values()[random.nextInt(3)];
    TransportTuning tuning =
        TransportTuning.DEFAULT.withFec(mode, 1 + random.nextInt(20), random.nextInt(60));
    StreamLimits limits =
        new StreamLimits(
            10_000 + random.nextInt(1 << 21),
            2_000 + random.nextInt(1 << 20),
            1 + random.nextInt(20),
            2_000 + random.nextInt(1 << 20));
    // Every third time far less than the windows promise, down to nothing but the floor.
    long budgetBytes = random.nextInt(3) == 0 ? 1 + random.nextInt(1 << 19) : 1 << 28;
    return ConnectionConfig.of(tuning, congestion)
        .withStreams(limits)
        .withBuffers(new BufferBudget(budgetBytes));
  }

  private SimLink.Traits traits() {
    SimLink.Traits traits = new SimLink.Traits();
    traits.delayNs = 1 + random.nextLong(80 * MS);
    traits.jitterNs = random.nextBoolean() ? 0 : random.nextLong(5 * MS);
    traits.loss = random.nextInt(3) == 0 ? 0 : random.nextDouble() * 0.15;
    if (random.nextInt(4) == 0) {
      traits.burstStart = random.nextDouble() * 0.02;
      traits.burstEnd = 0.2 + random.nextDouble() * 0.8;
    }
    traits.duplicate = random.nextInt(3) == 0 ? random.nextDouble() * 0.05 : 0;
    traits.corrupt = random.nextInt(3) == 0 ? random.nextDouble() * 0.02 : 0;
    traits.reorder = random.nextInt(3) == 0 ? random.nextDouble() * 0.1 : 0;
    traits.reorderNs = 1 + random.nextLong(60 * MS);
    if (random.nextInt(3) == 0) {
      traits.bytesPerSecond = 100_000 + random.nextInt(10_000_000);
      traits.queueBytes = 10_000 + random.nextInt(500_000);
    }
    traits.mtuBytes = new int[] {1200, 1280, 1400, 1452, 1500}[random.nextInt(5)];
    return traits;
  }

  /** Runs until everything was delivered and both ends have closed. */
  void run() {
    clock.at(0, () -> client.connect(server.address));
    planTrouble();
    runUntil(() -> clientUse.isDone() && serverUse.isDone());
    clientUse.compare(serverUse);
    serverUse.compare(clientUse);
    client.connection.closeWhenDelivered(1000 * MS, client.nowNs());
    client.drive();
    runUntil(() ->
        client.connection.state() == ConnectionState.CLOSED
            && server.connection.state() == ConnectionState.CLOSED);
    if (budget.bytesInUse() != 0) {
      throw new AssertionError(budget.bytesInUse() + " bytes of buffers were not given back");
    }
  }

  private void planTrouble() {
    if (random.nextInt(3) == 0) {
      clock.at(random.nextLong(2000 * MS), this::moveClient);
    }
    if (random.nextInt(4) == 0) {
      SimNode sleeper = random.nextBoolean() ? client : server;
      long jumpNs = random.nextLong(-2000 * MS, 5000 * MS);
      clock.at(random.nextLong(2000 * MS), () -> sleeper.jump(jumpNs));
    }
  }

  /** A handshake does not survive a move; its client would begin anew. */
  private void moveClient() {
    if (!serverUse.established) {
      clock.after(100 * MS, this::moveClient);
      return;
    }
    client.address = PeerAddress.ofIpv4(100, 1000 + random.nextInt(1000));
  }

  private void runUntil(java.util.function.BooleanSupplier done) {
    long steps = 0;
    while (!done.getAsBoolean()) {
      boolean alive = clock.step();
      if (!alive || ++steps > STEPS_MAX || clock.nowNs() > VIRTUAL_MAX_NS) {
        throw new AssertionError(
            "stuck at " + clock.nowNs() / MS + " ms after " + steps + " steps: " + this);
      }
      boolean early = clientUse.closed != null && !clientUse.isDone();
      if (early || serverUse.closed != null && !serverUse.isDone()) {
        throw new AssertionError("closed early: " + this);
      }
    }
  }

  long packets() {
    return client.ledger.sentPackets + server.ledger.sentPackets;
  }

  @Override
  public String toString() {
    return "client "
        + (client.connection == null ? "-" : client.connection.state())
        + " "
        + clientUse.closed
        + " open "
        + clientUse.openStreams
        + ", server "
        + (server.connection == null ? "-" : server.connection.state())
        + " "
        + serverUse.closed
        + " open "
        + serverUse.openStreams
        + clientUse.details()
        + serverUse.details();
  }
}
