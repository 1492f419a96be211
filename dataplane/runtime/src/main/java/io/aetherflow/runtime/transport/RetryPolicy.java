package io.aetherflow.runtime.transport;

import io.aetherflow.api.session.v1.SessionServiceGrpc;
import io.aetherflow.api.statesync.v1.DocumentServiceGrpc;
import io.aetherflow.api.statesync.v1.RoutingServiceGrpc;
import io.aetherflow.api.statesync.v1.SyncServiceGrpc;
import io.grpc.MethodDescriptor;
import java.util.List;
import java.util.Map;

/**
 * Which calls are made again, and how often: those that do no harm twice, when an instance is
 * unavailable, within a budget per channel (gRFC A6). Other calls are repeated only by gRPC itself,
 * and only where they certainly reached no server.
 */
final class RetryPolicy {
  /** The first one included; within one deadline. */
  private static final double ATTEMPTS_MAX = 3;

  /** Of ten calls that succeed, one may have been a repetition: no storm on top of an outage. */
  static final double RETRIES_PER_CALL = 0.1;

  /** Half of it is the burst of retries that a channel may spend beyond the ratio. */
  static final double BUDGET_TOKENS_MAX = 20;

  private static final List<MethodDescriptor<?, ?>> IDEMPOTENT =
      List.of(
          // By request_id.
          SessionServiceGrpc.getCreateSessionMethod(),
          SessionServiceGrpc.getGetSessionMethod(),
          SessionServiceGrpc.getListSessionsMethod(),
          SessionServiceGrpc.getDeleteSessionMethod(),
          SessionServiceGrpc.getBatchTouchSessionsMethod(),
          SessionServiceGrpc.getRevokeUserSessionsMethod(),
          DocumentServiceGrpc.getGetDocumentMethod(),
          DocumentServiceGrpc.getListDocumentsMethod(),
          // By (client_id, client_seq).
          SyncServiceGrpc.getApplyOperationsMethod(),
          SyncServiceGrpc.getListOperationsMethod(),
          RoutingServiceGrpc.getLocateDocumentMethod());

  static final Map<String, ?> SERVICE_CONFIG =
      Map.of(
          "methodConfig",
          List.of(
              Map.of(
                  "name",
                  IDEMPOTENT.stream()
                      .map(method ->
                          Map.of(
                              "service", method.getServiceName(),
                              "method", method.getBareMethodName()))
                      .toList(),
                  "retryPolicy",
                  Map.of(
                      "maxAttempts",
                      ATTEMPTS_MAX,
                      "initialBackoff",
                      "0.02s",
                      "maxBackoff",
                      "0.5s",
                      "backoffMultiplier",
                      2.0,
                      "retryableStatusCodes",
                      List.of("UNAVAILABLE")))),
          "retryThrottling",
          Map.of("maxTokens", BUDGET_TOKENS_MAX, "tokenRatio", RETRIES_PER_CALL));

  private RetryPolicy() {}
}
