package io.aetherflow.gateway.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ApiExceptionTest {
  @Test
  void anOwnerThatShedsIsToldWithWhenToComeAgain() {
    RetryInfo retry =
        RetryInfo.newBuilder()
            .setRetryDelay(com.google.protobuf.Duration.newBuilder().setNanos(500_000_000))
            .build();
    ApiException shed = ApiException.of(quota(Any.pack(retry)));
    assertThat(shed.status).isEqualTo(429);
    assertThat(shed.code).isEqualTo("QUOTA");
    assertThat(shed.retryAfter).isEqualTo(Duration.ofMillis(500));
    assertThat(ApiException.of(quota()).retryAfter).isZero();
  }

  private static StatusRuntimeException quota(Any... more) {
    Status.Builder status =
        Status.newBuilder()
            .setCode(Code.RESOURCE_EXHAUSTED_VALUE)
            .addDetails(Any.pack(ErrorInfo.newBuilder().setReason("QUOTA").build()));
    for (Any detail : more) {
      status.addDetails(detail);
    }
    return StatusProto.toStatusRuntimeException(status.build());
  }
}
