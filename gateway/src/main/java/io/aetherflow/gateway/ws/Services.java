package io.aetherflow.gateway.ws;

import io.aetherflow.gateway.GatewayMetrics;
import io.aetherflow.gateway.Limits;
import io.aetherflow.gateway.auth.TokenVerifier;
import io.aetherflow.gateway.hub.DocumentHub;
import io.aetherflow.gateway.hub.LockClient;
import io.aetherflow.gateway.session.SessionGateway;
import java.time.Clock;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/**
 * What every socket shares.
 *
 * @param blocking runs calls that may block, each on a thread of its own
 */
record Services(
    Limits limits,
    TokenVerifier tokens,
    SessionGateway sessions,
    SocketRegistry registry,
    DocumentHub hub,
    LockClient locks,
    Executor blocking,
    MessageRates rates,
    GatewayMetrics metrics,
    Clock clock,
    LongSupplier nowNs) {

  /** For one socket. */
  OperationsInFlight operationsInFlight() {
    return new OperationsInFlight(
        limits.operationsInFlight(),
        limits.operationBytesInFlight(),
        nowNs,
        metrics::operationStored);
  }
}
