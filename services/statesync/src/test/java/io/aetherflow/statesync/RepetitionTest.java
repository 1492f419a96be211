package io.aetherflow.statesync;

import static io.aetherflow.statesync.testing.Server.draft;
import static io.aetherflow.statesync.testing.Server.reason;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aetherflow.api.statesync.v1.ConflictPolicy;
import io.aetherflow.api.statesync.v1.OperationDraft;
import io.aetherflow.statesync.testing.Server;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of an operation that is sent again much later, over a real etcd. */
@Timeout(60)
class RepetitionTest {
  private static final String DOCUMENT = "doc";

  /** More than a document remembers the places of. */
  private static final int OTHERS = 9_000;

  private static final int PER_REQUEST = 1_000;

  @Test
  void aRepetitionWhosePlaceIsForgottenIsRefusedNotStoredTwice() {
    try (Server server = new Server()) {
      server.create(DOCUMENT, ConflictPolicy.CONFLICT_POLICY_UNSPECIFIED);
      OperationDraft first = draft(1, "first").build();
      server.apply(DOCUMENT, "alice's", first);
      for (int from = 1; from <= OTHERS; from += PER_REQUEST) {
        server.apply(
            DOCUMENT,
            "bob's",
            LongStream.range(from, from + PER_REQUEST)
                .mapToObj(seq -> draft(seq, "x").build())
                .toArray(OperationDraft[]::new));
      }
      assertThatThrownBy(() -> server.apply(DOCUMENT, "alice's", first))
          .satisfies(reason("STALE"))
          .satisfies(failure ->
              assertThat(Status.fromThrowable(failure).getCode())
                  .isEqualTo(Code.FAILED_PRECONDITION));
      assertThat(server.apply(DOCUMENT, "alice's", draft(2, "next").build()).getSeqsList())
          .as("the place after all that was stored once")
          .containsExactly(OTHERS + 2L);
    }
  }
}
