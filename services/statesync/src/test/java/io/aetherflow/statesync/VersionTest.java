package io.aetherflow.statesync;

import static io.aetherflow.statesync.testing.Server.draft;
import static io.aetherflow.statesync.testing.Server.info;
import static io.aetherflow.statesync.testing.Server.reason;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.aetherflow.api.statesync.v1.AcquireLockRequest;
import io.aetherflow.api.statesync.v1.ApplyOperationsResponse;
import io.aetherflow.api.statesync.v1.ConflictPolicy;
import io.aetherflow.api.statesync.v1.CreateVersionRequest;
import io.aetherflow.api.statesync.v1.DeleteVersionRequest;
import io.aetherflow.api.statesync.v1.GetStatsRequest;
import io.aetherflow.api.statesync.v1.GetVersionRequest;
import io.aetherflow.api.statesync.v1.ListVersionsRequest;
import io.aetherflow.api.statesync.v1.Lock;
import io.aetherflow.api.statesync.v1.LockToken;
import io.aetherflow.api.statesync.v1.Operation;
import io.aetherflow.api.statesync.v1.RestoreVersionRequest;
import io.aetherflow.api.statesync.v1.Stats;
import io.aetherflow.api.statesync.v1.Version;
import io.aetherflow.statesync.testing.Server;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Named versions, their restoration, and figures, over a real etcd. */
@Timeout(60)
class VersionTest {
  private Server server;

  @BeforeEach
  void start() {
    server = new Server();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void aPropertyDocumentIsMadeAsItWasByOneMoreOperation() {
    server.create("doc", ConflictPolicy.CONFLICT_POLICY_PROPERTY_LWW);
    edit(1, "{\"set\": {\"kept\": 1, \"changed\": \"old\", \"deleted\": [1]}}");
    Version version = create("doc", "v1", 0, "");
    assertThat(version.getSeq()).isEqualTo(1);
    edit(2, "{\"set\": {\"changed\": \"new\", \"added\": 2}, \"delete\": [\"deleted\"]}");
    server = server.successor("s-1");
    assertThat(restore("doc", 1).getSeqsList()).containsExactly(3L);
    assertThat(restore("doc", 1).getSeqsList()).as("repeated").containsExactly(3L);
    assertThat(restore("doc", 2).getSeqsList()).as("it is so already").isEmpty();
    Operation operation = server.list("doc", 3).getOperations(0);
    assertThat(operation.getData().toStringUtf8())
        .isEqualTo("{\"set\":{\"changed\":\"old\",\"deleted\":[1]},\"delete\":[\"added\"]}");
    assertThat(operation.getRestore().getVersion()).isEqualTo("v1");
    assertThat(operation.getRestore().getSeq()).isEqualTo(1);
    assertThat(server.list("doc", 1).getOperationsList()).as("history stays").hasSize(3);
    assertThat(server.state("doc").getData().toStringUtf8())
        .contains("\"changed\":{\"value\":\"old\",\"seq\":3}", "\"kept\":{\"value\":1,\"seq\":1}")
        .doesNotContain("\"added\":{");
    assertThat(edit(3, "{\"set\": {\"x\": 1}}"))
        .as("the client's numbers are its own")
        .isEqualTo(4);
  }

  @Test
  void aRepeatedRequestGetsTheVersionThatItMadeThoughMoreWasWritten() {
    server.create("doc", ConflictPolicy.CONFLICT_POLICY_PROPERTY_LWW);
    edit(1, "{\"set\": {\"x\": 1}}");
    CreateVersionRequest request =
        CreateVersionRequest.newBuilder()
            .setDocument("doc")
            .setName("v1")
            .setUser("alice")
            .setRequestId("r1")
            .build();
    Version made = server.documents().createVersion(request);
    edit(2, "{\"set\": {\"x\": 2}}");
    assertThat(server.documents().createVersion(request)).isEqualTo(made);
    for (CreateVersionRequest other :
        List.of(
            request.toBuilder().setRequestId("r2").build(),
            request.toBuilder().clearRequestId().build(),
            request.toBuilder().setUser("bob").build())) {
      assertThatThrownBy(() -> server.documents().createVersion(other))
          .satisfies(reason("ALREADY_EXISTS"));
    }
  }

  @Test
  void aLargeRestoreIsSeveralOperationsAndStoresNothingTwice() {
    server.create("doc", ConflictPolicy.CONFLICT_POLICY_PROPERTY_LWW);
    for (int i = 1; i <= 4; i++) {
      edit(i, "{\"set\": {\"p" + i + "\": \"" + "x".repeat(200_000) + "\"}}");
    }
    create("doc", "v1", 0, "");
    edit(5, "{\"delete\": [\"p1\", \"p2\", \"p3\", \"p4\"]}");
    assertThat(restore("doc", 1).getSeqsList()).containsExactly(6L, 7L, 8L, 9L);
    edit(6, "{\"delete\": [\"p1\"]}");
    assertThat(restore("doc", 1).getSeqsList()).as("repeated").containsExactly(6L, 7L, 8L, 9L);
    assertThat(server.list("doc", 1).getHead()).isEqualTo(10);
  }

  @Test
  void otherDocumentsAreReplacedByTheSuppliedContent() {
    server.create("doc", ConflictPolicy.CONFLICT_POLICY_MANUAL);
    server.apply("doc", "c", draft(1, "a").build(), draft(2, "b").build());
    create("doc", "v1", 1, "content at 1");
    assertThat(create("doc", "v1", 1, "content at 1").getSeq()).as("repeated").isEqualTo(1);
    assertThatThrownBy(() -> create("doc", "v1", 2, "other")).satisfies(reason("ALREADY_EXISTS"));
    assertThatThrownBy(() -> create("doc", "v1", 1, "CONTENT at 1"))
        .as("as long, but another")
        .satisfies(reason("ALREADY_EXISTS"));
    assertThat(restore("doc", 1).getSeqsList()).containsExactly(3L);
    assertThat(restore("doc", 1).getSeqsList()).as("repeated").containsExactly(3L);
    Operation operation = server.list("doc", 3).getOperations(0);
    assertThat(operation.getData().toStringUtf8()).isEqualTo("content at 1");
    assertThat(operation.getRestore().getSeq()).isEqualTo(1);
  }

  @Test
  void versionsAreListedReadAndDeleted() {
    server.apply("doc", "c", draft(1, "a").build());
    create("doc", "b", 1, "content");
    create("doc", "a", 1, "");
    assertThat(versions("doc")).containsExactly("a", "b");
    GetVersionRequest b = GetVersionRequest.newBuilder().setDocument("doc").setName("b").build();
    assertThat(server.documents().getVersion(b).getData().toStringUtf8()).isEqualTo("content");
    assertThat(server.documents().getVersion(b).getVersion().getUser()).isEqualTo("alice");
    DeleteVersionRequest gone =
        DeleteVersionRequest.newBuilder().setDocument("doc").setName("b").build();
    server.documents().deleteVersion(gone);
    server.documents().deleteVersion(gone);
    assertThat(versions("doc")).containsExactly("a");
    assertThatThrownBy(() -> server.documents().getVersion(b)).satisfies(reason("NOT_FOUND"));
    for (int i = 1; i < 100; i++) {
      create("doc", "n" + i, 1, "");
    }
    assertThatThrownBy(() -> create("doc", "more", 1, "")).satisfies(reason("LIMIT"));
  }

  @Test
  void versionsMadeAtOnceAreNoMoreThanADocumentHas() throws Exception {
    server.apply("doc", "c", draft(1, "a").build());
    for (int i = 1; i <= 95; i++) {
      create("doc", "n" + i, 1, "");
    }
    List<String> refusals = Collections.synchronizedList(new ArrayList<>());
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 1; i <= 12; i++) {
        String name = "more" + i;
        callers.execute(() -> {
          try {
            create("doc", name, 1, "");
          } catch (StatusRuntimeException e) {
            refusals.add(info(e).getReason());
          }
        });
      }
    }
    assertThat(versions("doc")).hasSize(100);
    assertThat(refusals).hasSize(7).containsOnly("LIMIT");
  }

  @Test
  void whatCannotBeAVersionIsRefused() {
    server.create("props", ConflictPolicy.CONFLICT_POLICY_PROPERTY_LWW);
    server.create("text", ConflictPolicy.CONFLICT_POLICY_OPAQUE_CRDT);
    server.apply("text", "c", draft(1, "update").build());
    assertThatThrownBy(() -> create("props", "v", 1, "x")).satisfies(reason("POLICY"));
    assertThatThrownBy(() -> create("text", "v", 2, "x")).satisfies(reason("INVALID"));
    assertThatThrownBy(() -> create("text", "a/b", 1, "x")).satisfies(reason("INVALID"));
    assertThatThrownBy(() -> create("text", "v", 1, "x".repeat((512 << 10) + 1)))
        .satisfies(reason("LIMIT"));
    create("text", "v1", 1, "x");
    assertThatThrownBy(() -> restore("text", 1)).satisfies(reason("POLICY"));
    assertThatThrownBy(() -> restore("props", 1)).satisfies(reason("NOT_FOUND"));
  }

  @Test
  void aRestoreNeedsTheLockOfTheDocumentLikeEveryOperation() {
    server.apply("doc", "c", draft(1, "a").build());
    create("doc", "v1", 1, "a");
    Lock lock =
        server
            .locks()
            .acquireLock(
                AcquireLockRequest.newBuilder()
                    .setDocument("doc")
                    .setLock("*")
                    .setClientId("c")
                    .build());
    assertThatThrownBy(() -> restore("doc", 1)).satisfies(reason("LOCK_HELD"));
    RestoreVersionRequest withToken =
        RestoreVersionRequest.newBuilder()
            .setDocument("doc")
            .setName("v1")
            .setClientId("c")
            .setClientSeq(1)
            .addLocks(LockToken.newBuilder().setLock("*").setToken(lock.getToken()))
            .build();
    assertThat(server.documents().restoreVersion(withToken).getSeqsList()).containsExactly(3L);
  }

  @Test
  void figuresOfTheInstanceAndOfADocument() {
    server.apply("doc", "c", draft(1, "12345").build(), draft(2, "678").build());
    server.apply("doc", "d", draft(1, "9").build());
    Stats stats =
        server.routing().getStats(GetStatsRequest.newBuilder().setDocument("doc").build());
    assertThat(stats.getShards()).isEqualTo(256);
    assertThat(stats.getOperations()).isEqualTo(3);
    assertThat(stats.getOperationBytes()).isEqualTo(9);
    assertThat(stats.getHotBytes()).isPositive();
    assertThat(stats.getDocument().getHead()).isEqualTo(3);
    assertThat(stats.getDocument().getFirstSeq()).isEqualTo(1);
    assertThat(stats.getDocument().getClients()).isEqualTo(2);
    assertThat(
            server
                .routing()
                .getStats(GetStatsRequest.newBuilder().setDocument("nowhere").build())
                .hasDocument())
        .isFalse();
  }

  private long edit(long clientSeq, String edit) {
    return server.apply("doc", "a", draft(clientSeq, edit).build()).getSeqs(0);
  }

  private Version create(String document, String name, long seq, String data) {
    return server
        .documents()
        .createVersion(
            CreateVersionRequest.newBuilder()
                .setDocument(document)
                .setName(name)
                .setUser("alice")
                .setSeq(seq)
                .setData(ByteString.copyFromUtf8(data))
                .build());
  }

  private ApplyOperationsResponse restore(String document, long clientSeq) {
    return server
        .documents()
        .restoreVersion(
            RestoreVersionRequest.newBuilder()
                .setDocument(document)
                .setName("v1")
                .setClientId("a")
                .setClientSeq(clientSeq)
                .setUser("alice")
                .build());
  }

  private List<String> versions(String document) {
    return server
        .documents()
        .listVersions(ListVersionsRequest.newBuilder().setDocument(document).build())
        .getVersionsList()
        .stream()
        .map(Version::getName)
        .toList();
  }
}
