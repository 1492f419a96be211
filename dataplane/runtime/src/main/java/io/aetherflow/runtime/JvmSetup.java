package io.aetherflow.runtime;

import java.security.Security;
import org.slf4j.bridge.SLF4JBridgeHandler;

/** Process-wide settings of a pod, to be made before the first connection and log line. */
final class JvmSetup {
  /** A member that was replaced has a new address; its old one must not be held for long. */
  private static final String NAMES_KEPT_SECONDS = "5";

  private static final String MISSING_NAMES_KEPT_SECONDS = "1";

  private JvmSetup() {}

  static void apply() {
    // The system's resolver follows changes of the hosts file; Vert.x's own reads it once.
    System.setProperty("vertx.disableDnsResolver", "true");
    Security.setProperty("networkaddress.cache.ttl", NAMES_KEPT_SECONDS);
    Security.setProperty("networkaddress.cache.negative.ttl", MISSING_NAMES_KEPT_SECONDS);
    // gRPC logs through java.util.logging; its lines belong into the same JSON stream.
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();
  }
}
