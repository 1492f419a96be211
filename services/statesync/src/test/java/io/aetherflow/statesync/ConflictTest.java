package io.aetherflow.statesync;

import static io.aetherflow.statesync.testing.Server.draft;
import static io.aetherflow.statesync.testing.Server.info;
import static io.aetherflow.statesync.testing.Server.reason;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.aetherflow.api.statesync.v1.ApplyOperationsResponse;
import io.aetherflow.api.statesync.v1.ConflictPolicy;
import io.aetherflow.api.statesync.v1.DocumentContent;
import io.aetherflow.api.statesync.v1.ListConflictsRequest;
import io.aetherflow.api.statesync.v1.Operation;
import io.aetherflow.api.statesync.v1.PutStateRequest;
import io.aetherflow.api.statesync.v1.ResolveConflictRequest;
import io.aetherflow.statesync.testing.Server;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The manual policy over a real etcd: conflicts are kept and told until they are resolved. */
@Timeout(60)
class ConflictTest {
  private static final String DOCUMENT = "doc";

  private Server server;

  @BeforeEach
  void start() {
    server = new Server();
    server.create(DOCUMENT, ConflictPolicy.CONFLICT_POLICY_MANUAL);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void whoHasNotSeenWhatHoldsIsKeptAsAConflictUntilItIsResolved() {
    write("alice", 1, 0, "base");
    write("alice", 2, 1, "mine");
    assertThat(write("bob", 1, 1, "late").getSeqsList()).containsExactly(3L);
    Operation late = server.list(DOCUMENT, 3).getOperations(0);
    assertThat(late.getConflict().getBaseSeq()).isEqualTo(1);
    assertThat(late.getConflict().getHeadSeq()).isEqualTo(2);
    assertThat(late.getData().toStringUtf8()).isEqualTo("late");
    write("alice", 3, 2, "a conflict does not hold, so nobody must have seen it");
    assertThat(server.list(DOCUMENT, 4).getOperations(0).hasConflict()).isFalse();
    assertThat(conflicts()).containsExactly(3L);

    server = server.successor("s-1");
    assertThat(conflicts()).as("after a takeover").containsExactly(3L);
    assertThat(resolve(1, 3, "merged").getSeqsList()).containsExactly(5L);
    assertThat(resolve(1, 3, "merged").getSeqsList()).as("repeated").containsExactly(5L);
    Operation resolution = server.list(DOCUMENT, 5).getOperations(0);
    assertThat(resolution.getResolution().getSeq()).isEqualTo(3);
    assertThat(resolution.getData().toStringUtf8()).isEqualTo("merged");
    assertThat(conflicts()).isEmpty();
    assertThatThrownBy(() -> resolve(2, 3, "again")).satisfies(reason("NOT_FOUND"));
    assertThatThrownBy(() -> resolve(2, 2, "no conflict")).satisfies(reason("NOT_FOUND"));
    write("bob", 2, 4, "has not seen the resolution");
    assertThat(conflicts()).containsExactly(6L);
  }

  @Test
  void aDroppedConflictChangesNothing() {
    write("alice", 1, 0, "base");
    write("bob", 1, 0, "late");
    resolve(1, 2, "");
    assertThat(conflicts()).isEmpty();
    write("alice", 2, 1, "had seen all that holds");
    assertThat(conflicts()).isEmpty();
  }

  @Test
  void draftsOfOneRequestBuildOnEachOther() {
    server.apply(
        DOCUMENT,
        "alice",
        draft(1, "one").setBaseSeq(0).build(),
        draft(2, "two").setBaseSeq(1).build());
    assertThat(conflicts()).isEmpty();
    assertThatThrownBy(() -> write("bob", 1, 7, "of the future"))
        .satisfies(reason("BASE_CONFLICT"))
        .satisfies(failure -> assertThat(info(failure).getMetadataOrThrow("head")).isEqualTo("2"));
  }

  @Test
  void noStateCoversAnOpenConflict() {
    write("alice", 1, 0, "base");
    write("bob", 1, 0, "late");
    PutStateRequest put =
        PutStateRequest.newBuilder()
            .setState(DocumentContent.newBuilder().setDocument(DOCUMENT).setSeq(2))
            .build();
    assertThatThrownBy(() -> server.sync().putState(put)).satisfies(reason("POLICY"));
    resolve(1, 2, "");
    assertThat(server.sync().putState(put).getSeq()).isEqualTo(2);
  }

  @Test
  void otherPoliciesHaveNoConflicts() {
    server.create("strict", ConflictPolicy.CONFLICT_POLICY_REJECT);
    server.apply("strict", "alice", draft(1, "a").build());
    assertThatThrownBy(() ->
            server
                .sync()
                .listConflicts(ListConflictsRequest.newBuilder().setDocument("strict").build()))
        .satisfies(reason("POLICY"));
    assertThatThrownBy(
            () -> server.apply("strict", "alice", draft(2, "b").setResolvesSeq(1).build()))
        .satisfies(reason("POLICY"));
  }

  private ApplyOperationsResponse write(String client, long clientSeq, long baseSeq, String text) {
    return server.apply(DOCUMENT, client, draft(clientSeq, text).setBaseSeq(baseSeq).build());
  }

  private ApplyOperationsResponse resolve(long clientSeq, long seq, String text) {
    return server
        .sync()
        .resolveConflict(
            ResolveConflictRequest.newBuilder()
                .setDocument(DOCUMENT)
                .setClientId("resolver")
                .setClientSeq(clientSeq)
                .setUser("carol")
                .setSeq(seq)
                .setData(ByteString.copyFromUtf8(text))
                .build());
  }

  private List<Long> conflicts() {
    return server
        .sync()
        .listConflicts(ListConflictsRequest.newBuilder().setDocument(DOCUMENT).build())
        .getConflictsList()
        .stream()
        .map(Operation::getSeq)
        .toList();
  }
}
