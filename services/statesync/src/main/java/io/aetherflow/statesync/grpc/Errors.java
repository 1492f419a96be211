package io.aetherflow.statesync.grpc;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import io.aetherflow.statesync.document.Refusal;
import io.aetherflow.statesync.document.Refusal.Reason;
import io.aetherflow.statesync.shard.Location;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.Map;

/** Refusals as gRPC failures with google.rpc.ErrorInfo and, of what may pass, RetryInfo. */
final class Errors {
  private static final String DOMAIN = "statesync.aetherflow.io";

  private Errors() {}

  static StatusRuntimeException of(Refusal refusal) {
    ErrorInfo info =
        ErrorInfo.newBuilder()
            .setDomain(DOMAIN)
            .setReason(refusal.reason().name())
            .putAllMetadata(refusal.metadata())
            .build();
    Status.Builder status =
        Status.newBuilder()
            .setCode(code(refusal.reason()).value())
            .setMessage(refusal.sentence())
            .addDetails(Any.pack(info));
    if (!refusal.retryAfter().isZero()) {
      RetryInfo retry = RetryInfo.newBuilder().setRetryDelay(delay(refusal.retryAfter())).build();
      status.addDetails(Any.pack(retry));
    }
    return StatusProto.toStatusRuntimeException(status.build());
  }

  private static Duration delay(java.time.Duration after) {
    return Duration.newBuilder().setSeconds(after.getSeconds()).setNanos(after.getNano()).build();
  }

  static Refusal notOwner(String document, Location location) {
    return location.owner().isEmpty()
        ? Refusal.of(Reason.NOT_OWNER, "document " + document + " has no owner at the moment")
        : new Refusal(
            Reason.NOT_OWNER,
            "document " + document + " is served by " + location.owner(),
            Map.of("owner", location.owner(), "address", location.address()));
  }

  private static Code code(Reason reason) {
    return switch (reason) {
      case NOT_OWNER, STALE, LOCK_LOST, POLICY -> Code.FAILED_PRECONDITION;
      case EPOCH_FENCED, BASE_CONFLICT, LOCK_HELD -> Code.ABORTED;
      case SEQ_TRIMMED -> Code.OUT_OF_RANGE;
      case QUOTA, LIMIT -> Code.RESOURCE_EXHAUSTED;
      case NOT_FOUND -> Code.NOT_FOUND;
      case ALREADY_EXISTS -> Code.ALREADY_EXISTS;
      case INVALID -> Code.INVALID_ARGUMENT;
      case UNAVAILABLE -> Code.UNAVAILABLE;
    };
  }
}
