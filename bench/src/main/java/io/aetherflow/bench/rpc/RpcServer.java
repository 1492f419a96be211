package io.aetherflow.bench.rpc;

import com.fasterxml.jackson.databind.JsonNode;
import io.aetherflow.bench.child.PacketCounts;
import io.aetherflow.bench.child.Role;
import java.util.Map;

/** The server's JVM: answers until its parent ends it. */
public final class RpcServer implements Role {
  private final JsonNode config;
  private final PacketCounts packets = new PacketCounts();

  public RpcServer(JsonNode config) {
    this.config = config;
  }

  @Override
  public Map<String, Object> start() throws Exception {
    int port =
        config.get("subject").asText().equals("quic")
            ? QuicEcho.serve(config)
            : new Grpc(config, packets).serve().getPort();
    return Map.of("port", port);
  }

  @Override
  public Map<String, Object> counters() {
    return packets.totals();
  }
}
