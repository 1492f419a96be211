package io.aetherflow.bench.fec;

import com.fasterxml.jackson.databind.JsonNode;
import io.aetherflow.bench.child.Role;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Measures one variant in a JVM of its own, so that no subject runs on another's type profile.
 * Rates count bytes of source shards per nanosecond of this thread's CPU time, which is GB/s.
 */
public final class FecRole implements Role {
  private static final int WARM_UP_ROUNDS = 3;
  private static final long ROUND_NS = 200_000_000;

  /** Calls between two looks at the clock. */
  private static final int BATCH = 500;

  private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
  private final Variant variant;
  private final int rounds;

  /**
   * @param config {@code variant}, {@code rounds}
   */
  public FecRole(JsonNode config) {
    variant = Variant.valueOf(config.get("variant").asText());
    rounds = config.get("rounds").asInt();
  }

  @Override
  public Map<String, Object> start() {
    return variant.params();
  }

  @Override
  public void run(Events events) {
    Optional<Coder> coder = variant.coder();
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("installed", coder.isPresent());
    if (coder.isPresent()) {
      result.put("encode", measure(coder.get()::encode));
      result.put("parity", Arrays.deepHashCode(coder.get().parity()));
      coder.get().lose();
      result.put("decode", measure(coder.get()::decode));
      result.put(
          "intact",
          Arrays.deepEquals(coder.get().sources(), Arrays.copyOf(Shards.of(1), Shards.SOURCES)));
    }
    events.tell("measured", result);
  }

  private List<Double> measure(Runnable work) {
    for (int i = 0; i < WARM_UP_ROUNDS; i++) {
      round(work);
    }
    List<Double> rates = new ArrayList<>();
    for (int i = 0; i < rounds; i++) {
      rates.add(round(work));
    }
    return rates;
  }

  private double round(Runnable work) {
    long startedNs = threads.getCurrentThreadCpuTime();
    long calls = 0;
    long elapsedNs;
    do {
      for (int i = 0; i < BATCH; i++) {
        work.run();
      }
      calls += BATCH;
      elapsedNs = threads.getCurrentThreadCpuTime() - startedNs;
    } while (elapsedNs < ROUND_NS);
    return (double) calls * Shards.SOURCES * Shards.BYTES / elapsedNs;
  }
}
