package io.aetherflow.gateway;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.Optional;

/** Reads google.rpc.ErrorInfo and RetryInfo out of gRPC failures. */
public final class GrpcErrors {
  private GrpcErrors() {}

  /** The ErrorInfo reason, empty when there is none. */
  public static String reason(StatusRuntimeException e) {
    return info(e).map(ErrorInfo::getReason).orElse("");
  }

  /** A metadata value of the ErrorInfo, empty when there is none. */
  public static String metadata(StatusRuntimeException e, String key) {
    return info(e).map(info -> info.getMetadataOrDefault(key, "")).orElse("");
  }

  /** When another try is worth it, as the RetryInfo says; zero when there is none. */
  public static Duration retryAfter(StatusRuntimeException e) {
    return detail(e, RetryInfo.class)
        .map(RetryInfo::getRetryDelay)
        .map(delay -> Duration.ofSeconds(delay.getSeconds(), delay.getNanos()))
        .orElse(Duration.ZERO);
  }

  private static Optional<ErrorInfo> info(StatusRuntimeException e) {
    return detail(e, ErrorInfo.class);
  }

  private static <T extends Message> Optional<T> detail(StatusRuntimeException e, Class<T> type) {
    com.google.rpc.Status status = StatusProto.fromThrowable(e);
    if (status == null) {
      return Optional.empty();
    }
    for (var detail : status.getDetailsList()) {
      if (detail.is(type)) {
        try {
          return Optional.of(detail.unpack(type));
        } catch (InvalidProtocolBufferException malformed) {
          return Optional.empty();
        }
      }
    }
    return Optional.empty();
  }
}
