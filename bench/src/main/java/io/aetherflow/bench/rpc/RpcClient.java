package io.aetherflow.bench.rpc;

import com.fasterxml.jackson.databind.JsonNode;
import io.aetherflow.bench.child.PacketCounts;
import io.aetherflow.bench.child.Role;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The client's JVM: connects with a first call, then warms up and measures. */
public final class RpcClient implements Role {
  private static final double NANOS_PER_SECOND = 1e9;

  /** Lost handshakes back off; beyond this the peer is not there. */
  private static final int CONNECT_SECONDS = 30;

  private final JsonNode config;
  private final PacketCounts packets = new PacketCounts();
  private final CallErrors errors = new CallErrors();
  private final byte[] request;
  private EchoClient client;

  public RpcClient(JsonNode config) {
    this.config = config;
    request = new byte[config.get("size").asInt()];
    new SplittableRandom(config.get("seed").asLong()).nextBytes(request);
  }

  @Override
  public Map<String, Object> start() throws Exception {
    client =
        config.get("subject").asText().equals("quic")
            ? QuicEcho.connect(config)
            : new GrpcEchoClient(new Grpc(config, packets).connect());
    CompletableFuture<String> first = new CompletableFuture<>();
    client.call(request, failure -> first.complete(failure == null ? "" : failure));
    String failure = first.get(CONNECT_SECONDS, TimeUnit.SECONDS);
    if (!failure.isEmpty()) {
      throw new IllegalStateException("the first call failed: " + failure);
    }
    return Map.of();
  }

  @Override
  public void run(Events events) throws InterruptedException {
    long warmupNs = seconds("warmupSeconds");
    Runnable measuring = () -> events.tell("measuring", counters());
    Map<String, Object> result;
    if (config.get("outstanding").asInt() > 0) {
      ClosedLoop loop = new ClosedLoop(client, request, config.get("outstanding").asInt(), errors);
      ClosedLoop.Result measured = loop.run(warmupNs, seconds("seconds"), measuring);
      result = result(measured.calls());
      result.put("ops", measured.calls().count() * NANOS_PER_SECOND / measured.nanos());
    } else {
      double rps = config.get("rps").asDouble();
      PoissonArrivals arrivals =
          new PoissonArrivals(rps, new SplittableRandom(config.get("seed").asLong()));
      long calls = Math.round(rps * config.get("seconds").asDouble());
      OpenLoop loop = new OpenLoop(client, arrivals, request, errors);
      result = result(loop.run(warmupNs, calls, measuring));
    }
    result.putAll(counters());
    events.tell("result", result);
  }

  private long seconds(String name) {
    return (long) (config.get(name).asDouble() * NANOS_PER_SECOND);
  }

  private Map<String, Object> result(CallLatencies latencies) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("calls", latencies.count());
    result.put("failed", latencies.failures());
    result.put("error", errors.first());
    result.put("latencyMillis", latencies.millis());
    return result;
  }

  @Override
  public Map<String, Object> counters() {
    return packets.totals();
  }

  @Override
  public void close() throws Exception {
    if (client != null) {
      client.close();
    }
  }
}
