package io.aetherflow.bench.goodput;

import com.fasterxml.jackson.databind.JsonNode;
import io.aetherflow.bench.child.Role;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** The receiver's JVM. */
public final class BulkReceiver implements Role {
  private final JsonNode config;
  private final LongAdder bytes = new LongAdder();

  public BulkReceiver(JsonNode config) {
    this.config = config;
  }

  @Override
  public Map<String, Object> start() throws Exception {
    return Map.of("port", BulkTransfer.of(config).receive(config, bytes));
  }

  @Override
  public Map<String, Object> counters() {
    return Map.of("bytes", bytes.sum());
  }
}
