package io.aetherflow.statesync.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.Code;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import io.aetherflow.statesync.document.Refusal;
import io.aetherflow.statesync.document.Refusal.Reason;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ErrorsTest {
  @Test
  void whatIsShedSaysWhenToComeAgain() throws Exception {
    Refusal busy = new Refusal(Reason.QUOTA, "too much", Map.of(), Duration.ofMillis(1_250));
    Status status = StatusProto.fromThrowable(Errors.of(busy));
    assertThat(status.getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED_VALUE);
    RetryInfo retry = status.getDetails(1).unpack(RetryInfo.class);
    assertThat(retry.getRetryDelay().getSeconds()).isEqualTo(1);
    assertThat(retry.getRetryDelay().getNanos()).isEqualTo(250_000_000);
  }

  @Test
  void otherRefusalsSayNothingOfIt() {
    Status status = StatusProto.fromThrowable(Errors.of(Refusal.of(Reason.INVALID, "no")));
    assertThat(status.getDetailsCount()).isEqualTo(1);
  }
}
