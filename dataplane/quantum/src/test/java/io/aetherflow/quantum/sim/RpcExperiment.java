package io.aetherflow.quantum.sim;

import io.aetherflow.quantum.PeerAddress;
import io.aetherflow.quantum.connection.CloseReason;
import io.aetherflow.quantum.connection.ConnectionConfig;
import io.aetherflow.quantum.connection.ConnectionListener;
import io.aetherflow.quantum.endpoint.Endpoint;
import io.aetherflow.quantum.endpoint.EndpointConfig;
import io.aetherflow.quantum.stream.QuantumStream;
import java.util.Arrays;
import java.util.Random;

/**
 * Calls on one ordered stream: Poisson arrivals, requests and answers of equal size, latency from
 * the intended send time. An unfinished call counts as infinite.
 */
final class RpcExperiment {
  private static final long NS_PER_SECOND = 1_000_000_000;

  final SimClock clock = new SimClock();
  final SimNode client;
  final SimNode server;

  /** Runs when the warm-up ends. */
  Runnable onWarm = () -> {};

  private final Random random;
  private final int messageBytes;
  private final double callsPerSecond;
  private final int calls;
  private final long warmUpNs;
  private final long[] intendedNs;
  private final long[] latencyNs;
  private final byte[] buffer = new byte[1 << 16];
  private QuantumStream stream;
  private int started;
  private int finished;
  private long requestBytes;
  private long answerBytes;

  RpcExperiment(
      long seed,
      ConnectionConfig config,
      SimLink.Traits up,
      SimLink.Traits down,
      double callsPerSecond,
      int messageBytes,
      int calls,
      long warmUpNs) {
    random = new Random(seed);
    this.messageBytes = messageBytes;
    this.callsPerSecond = callsPerSecond;
    this.calls = calls;
    this.warmUpNs = warmUpNs;
    intendedNs = new long[calls + (int) (callsPerSecond * warmUpNs / NS_PER_SECOND * 2) + 100];
    latencyNs = new long[intendedNs.length];
    Arrays.fill(latencyNs, Long.MAX_VALUE);
    client = node(EndpointConfig.client(config), 1, "client");
    server = node(EndpointConfig.server(config), 2, "server");
    client.ledger.join(server.ledger);
    client.flow.join(server.flow);
    client.peer = server;
    server.peer = client;
    client.link = new SimLink(clock, new Random(seed + 1), up);
    server.link = new SimLink(clock, new Random(seed + 2), down);
    client.listener = new Events(this::onClientEstablished, this::onAnswer);
    server.listener = new Events(() -> {}, this::onRequest);
  }

  private SimNode node(EndpointConfig config, int address, String name) {
    Endpoint endpoint = new Endpoint(config, new Random(random.nextLong()));
    return new SimNode(clock, endpoint, PeerAddress.ofIpv4(address, 9090), name);
  }

  /** Returns the latencies after the warm-up, sorted, in nanoseconds. */
  long[] run() {
    clock.at(0, () -> client.connect(server.address));
    clock.at(warmUpNs, () -> onWarm.run());
    while (clock.step() && !(isEnough() && finished >= started)) {
      if (isEnough() && clock.nowNs() > intendedNs[started - 1] + 10 * NS_PER_SECOND) {
        break;
      }
    }
    long[] measured = new long[calls];
    int n = 0;
    for (int i = 0; i < started && n < calls; i++) {
      if (intendedNs[i] >= warmUpNs) {
        measured[n++] = latencyNs[i];
      }
    }
    Arrays.sort(measured);
    return measured;
  }

  private boolean isEnough() {
    return started > calls && intendedNs[started - calls] >= warmUpNs;
  }

  private void onClientEstablished() {
    stream = client.connection.openStream();
    scheduleNext(clock.nowNs());
  }

  private void scheduleNext(long fromNs) {
    double gap = -Math.log(1 - random.nextDouble()) / callsPerSecond;
    long atNs = fromNs + (long) (gap * NS_PER_SECOND);
    clock.at(atNs, () -> call(atNs));
  }

  private void call(long atNs) {
    if (isEnough()) {
      return;
    }
    intendedNs[started++] = atNs;
    stream.write(buffer, 0, messageBytes);
    scheduleNext(atNs);
    client.drive();
  }

  private void onRequest(QuantumStream request) {
    for (int n = request.read(buffer, 0, buffer.length);
        n > 0;
        n = request.read(buffer, 0, buffer.length)) {
      requestBytes += n;
      while (requestBytes >= messageBytes) {
        requestBytes -= messageBytes;
        request.write(buffer, 0, messageBytes);
      }
    }
  }

  private void onAnswer(QuantumStream answer) {
    for (int n = answer.read(buffer, 0, buffer.length);
        n > 0;
        n = answer.read(buffer, 0, buffer.length)) {
      answerBytes += n;
      while (answerBytes >= messageBytes) {
        answerBytes -= messageBytes;
        latencyNs[finished] = clock.nowNs() - intendedNs[finished];
        finished++;
      }
    }
  }

  /** Passes on what the experiment needs. */
  private record Events(Runnable established, java.util.function.Consumer<QuantumStream> readable)
      implements ConnectionListener {
    @Override
    public void onEstablished() {
      established.run();
    }

    @Override
    public void onReadable(QuantumStream stream) {
      readable.accept(stream);
    }

    @Override
    public void onClosed(CloseReason reason) {
      throw new AssertionError("closed: " + reason);
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
  }
}
