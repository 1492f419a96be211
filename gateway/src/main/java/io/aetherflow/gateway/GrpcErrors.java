package io.aetherflow.gateway;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.Optional;

/** Reads google.rpc.ErrorInfo out of gRPC failures. */
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

  private static Optional<ErrorInfo> info(StatusRuntimeException e) {
    com.google.rpc.Status status = StatusProto.fromThrowable(e);
    if (status == null) {
      return Optional.empty();
    }
    for (var detail : status.getDetailsList()) {
      if (detail.is(ErrorInfo.class)) {
        try {
          return Optional.of(detail.unpack(ErrorInfo.class));
        } catch (InvalidProtocolBufferException malformed) {
          return Optional.empty();
        }
      }
    }
    return Optional.empty();
  }
}
