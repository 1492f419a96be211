package io.aetherflow.statesync.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import io.aetherflow.statesync.document.Refusal;
import io.aetherflow.statesync.document.Refusal.Reason;
import io.aetherflow.statesync.shard.Location;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

  @ParameterizedTest
  @CsvSource({
    "NOT_OWNER, FAILED_PRECONDITION",
    "EPOCH_FENCED, ABORTED",
    "SEQ_TRIMMED, OUT_OF_RANGE",
    "BASE_CONFLICT, ABORTED",
    "LOCK_HELD, ABORTED",
    "QUOTA, RESOURCE_EXHAUSTED"
  })
  void aRefusalHasItsCodeItsReasonAndWhatHelpsFurther(Reason reason, Code code) throws Exception {
    Refusal refusal = new Refusal(reason, "a sentence", Map.of("key", "value"));
    Status status = StatusProto.fromThrowable(Errors.of(refusal));
    assertThat(status.getCode()).isEqualTo(code.getNumber());
    assertThat(status.getMessage()).isEqualTo("a sentence");
    assertThat(status.getDetails(0).unpack(ErrorInfo.class))
        .isEqualTo(
            ErrorInfo.newBuilder()
                .setDomain("statesync.aetherflow.io")
                .setReason(reason.name())
                .putMetadata("key", "value")
                .build());
  }

  @Test
  void whoIsNoOwnerNamesTheOneItKnows() throws Exception {
    Status status =
        StatusProto.fromThrowable(
            Errors.of(Errors.notOwner("doc", new Location("s-1", "10.0.0.1:9091", 7))));
    assertThat(status.getDetails(0).unpack(ErrorInfo.class).getMetadataMap())
        .containsOnly(Map.entry("owner", "s-1"), Map.entry("address", "10.0.0.1:9091"));
  }
}
