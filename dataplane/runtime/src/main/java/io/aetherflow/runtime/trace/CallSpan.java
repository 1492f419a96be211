package io.aetherflow.runtime.trace;

import io.grpc.Status;

/** How a gRPC call ends a span. */
final class CallSpan {
  private CallSpan() {}

  static void end(Span span, Status status) {
    span.tag("rpc.system", "grpc").tag("rpc.grpc.status_code", status.getCode().value());
    if (status.isOk()) {
      span.end();
    } else {
      span.fail(
          status.getDescription() == null ? status.getCode().name() : status.getDescription());
    }
  }
}
