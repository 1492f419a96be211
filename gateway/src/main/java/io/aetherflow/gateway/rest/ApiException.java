package io.aetherflow.gateway.rest;

import io.aetherflow.gateway.GrpcErrors;
import io.grpc.StatusRuntimeException;
import java.time.Duration;

/** An answer other than success; becomes {@code {"error":{"code","message"}}}. */
final class ApiException extends RuntimeException {
  final int status;
  final String code;

  /** When another try is worth it; zero says nothing about it. */
  final Duration retryAfter;

  ApiException(int status, String code, String message) {
    this(status, code, message, Duration.ZERO);
  }

  ApiException(int status, String code, String message, Duration retryAfter) {
    super(message, null, false, false);
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }

  static ApiException badRequest(String message) {
    return new ApiException(400, "INVALID_ARGUMENT", message);
  }

  static ApiException notFound(String what) {
    return new ApiException(404, "NOT_FOUND", what + " does not exist");
  }

  static ApiException of(StatusRuntimeException e) {
    String reason = GrpcErrors.reason(e);
    String description = e.getStatus().getDescription();
    String code = reason.isEmpty() ? e.getStatus().getCode().name() : reason;
    return new ApiException(
        statusOf(e, reason),
        code,
        description == null ? code : description,
        GrpcErrors.retryAfter(e));
  }

  private static int statusOf(StatusRuntimeException e, String reason) {
    return switch (reason) {
      case "SEQ_TRIMMED" -> 410;
      case "BASE_CONFLICT", "LOCK_HELD" -> 409;
      case "QUOTA" -> 429;
      case "NOT_OWNER", "EPOCH_FENCED" -> 503;
      default ->
          switch (e.getStatus().getCode()) {
            case INVALID_ARGUMENT, OUT_OF_RANGE -> 400;
            case UNAUTHENTICATED -> 401;
            case PERMISSION_DENIED -> 403;
            case NOT_FOUND -> 404;
            case ALREADY_EXISTS, ABORTED, FAILED_PRECONDITION -> 409;
            case RESOURCE_EXHAUSTED -> 429;
            case UNIMPLEMENTED -> 501;
            case UNAVAILABLE -> 503;
            case DEADLINE_EXCEEDED -> 504;
            default -> 500;
          };
    };
  }
}
