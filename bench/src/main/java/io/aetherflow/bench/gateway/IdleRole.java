package io.aetherflow.bench.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import io.aetherflow.bench.child.Role;
import io.vertx.core.Vertx;
import java.util.Map;

/** Sockets that are attached and do nothing but answer pings. */
public final class IdleRole implements Role {
  private final int sockets;
  private final Vertx vertx = Vertx.vertx();
  private final Crowd crowd;

  public IdleRole(JsonNode config) {
    sockets = config.path("sockets").asInt();
    int documents = config.path("documents").asInt();
    crowd =
        new Crowd(vertx, config, index -> documents == 0 ? "" : "bench-idle-" + index % documents);
  }

  @Override
  public Map<String, Object> start() throws Exception {
    crowd.open(sockets, text -> {});
    return Map.of("sockets", crowd.clients().size());
  }

  @Override
  public Map<String, Object> counters() {
    return Map.of("lost", crowd.lost());
  }

  @Override
  public void close() throws Exception {
    vertx.close().await();
  }
}
