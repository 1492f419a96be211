package io.aetherflow.bench.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import io.aetherflow.bench.BenchFailure;
import io.aetherflow.bench.child.Role;
import io.vertx.core.Vertx;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * Sockets on documents; some write when an operation is due, whatever became of those before, and
 * each delivery to each other socket is timed from when it was due.
 */
public final class TrafficRole implements Role {
  static final int DATA_BYTES = 200;
  private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(20);
  private static final int WARMUP_SECONDS = 10;

  private final int sockets;
  private final int documents;
  private final int writers;
  private final int perSecond;
  private final int seconds;
  private final Vertx vertx = Vertx.vertx();
  private final Crowd crowd;
  private final long[] dueNs;
  private final Histogram latencies = new ConcurrentHistogram(3);
  private final AtomicLong delivered = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private final int firstMeasured;

  public TrafficRole(JsonNode config) {
    sockets = config.path("sockets").asInt();
    documents = config.path("documents").asInt();
    writers = config.path("writers").asInt();
    perSecond = config.path("rate").asInt();
    seconds = config.path("seconds").asInt();
    firstMeasured = perSecond * WARMUP_SECONDS;
    dueNs = new long[firstMeasured + perSecond * seconds];
    String run = config.path("run").asText();
    crowd = new Crowd(vertx, config, index -> "bench-" + run + "-" + index % documents);
  }

  @Override
  public Map<String, Object> start() throws Exception {
    crowd.open(sockets, this::onText);
    return Map.of("sockets", crowd.clients().size());
  }

  private void onText(String text) {
    long nowNs = System.nanoTime();
    if (text.startsWith("{\"t\":\"ops\"")) {
      Marks.forEach(
          text,
          index -> {
            if (index >= firstMeasured) {
              latencies.recordValue(nowNs - dueNs[index]);
              delivered.incrementAndGet();
            }
          });
    } else if (text.startsWith("{\"t\":\"nack\"")) {
      refused.incrementAndGet();
    }
  }

  @Override
  public void run(Events events) throws InterruptedException {
    long startNs = System.nanoTime();
    for (int i = 0; i < dueNs.length; i++) {
      dueNs[i] = startNs + i * TimeUnit.SECONDS.toNanos(1) / perSecond;
      for (long left = dueNs[i] - System.nanoTime();
          left > 0;
          left = dueNs[i] - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
      if (i == firstMeasured) {
        events.tell("warm", Map.of());
      }
      crowd.clients().get(i % writers).write(i / writers + 1L, Marks.data(i, DATA_BYTES));
    }
    long expected = (long) perSecond * seconds * (sockets / documents);
    long deadlineNs = System.nanoTime() + PATIENCE_NS;
    while (delivered.get() < expected && System.nanoTime() < deadlineNs) {
      TimeUnit.MILLISECONDS.sleep(5);
    }
    double tookSeconds =
        (System.nanoTime() - dueNs[firstMeasured]) / (double) TimeUnit.SECONDS.toNanos(1);
    if (crowd.lost() > 0) {
      throw new BenchFailure(crowd.lost() + " sockets were lost.");
    }
    events.tell(
        "done",
        Map.of(
            "delivered", delivered.get(),
            "undelivered", expected - delivered.get(),
            "refused", refused.get(),
            "seconds", tookSeconds,
            "p50Ns", latencies.getValueAtPercentile(50),
            "p99Ns", latencies.getValueAtPercentile(99),
            "p999Ns", latencies.getValueAtPercentile(99.9),
            "maxNs", latencies.getMaxValue()));
  }

  @Override
  public void close() throws Exception {
    vertx.close().await();
  }
}
