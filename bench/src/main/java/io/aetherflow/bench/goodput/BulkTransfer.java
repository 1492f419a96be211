package io.aetherflow.bench.goodput;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.atomic.LongAdder;

/** One way to move bytes from a client to a server as fast as it goes. */
interface BulkTransfer {
  /**
   * Listens and counts what arrives.
   *
   * @return the port
   */
  int receive(JsonNode config, LongAdder bytes) throws Exception;

  /** Connects and sends until the process ends; returns when connected. */
  void send(JsonNode config) throws Exception;

  /** That of a child's configuration. */
  static BulkTransfer of(JsonNode config) {
    String variant = config.get("variant").asText();
    return switch (config.get("subject").asText()) {
      case "quantum" -> StreamBulk.quantum();
      case "tcp" -> StreamBulk.tcp();
      case "quic" -> new QuicBulk();
      case "kcp" -> new KcpBulk();
      case "floor" -> variant.equals("gso") ? new SegmentedFloor() : new PlainFloor();
      default -> throw new IllegalArgumentException("no bulk transfer: " + config);
    };
  }
}
