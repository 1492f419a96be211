package io.aetherflow.bench.goodput;

import com.fasterxml.jackson.databind.JsonNode;
import io.aetherflow.bench.child.Role;
import java.util.Map;

/** The sender's JVM. */
public final class BulkSender implements Role {
  private final JsonNode config;

  public BulkSender(JsonNode config) {
    this.config = config;
  }

  @Override
  public Map<String, Object> start() throws Exception {
    BulkTransfer.of(config).send(config);
    return Map.of();
  }
}
