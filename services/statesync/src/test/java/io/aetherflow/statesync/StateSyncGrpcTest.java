package io.aetherflow.statesync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import io.aetherflow.api.statesync.v1.ApplyOperationsRequest;
import io.aetherflow.api.statesync.v1.ApplyOperationsResponse;
import io.aetherflow.api.statesync.v1.Attach;
import io.aetherflow.api.statesync.v1.ConflictPolicy;
import io.aetherflow.api.statesync.v1.CreateDocumentRequest;
import io.aetherflow.api.statesync.v1.DeleteDocumentRequest;
import io.aetherflow.api.statesync.v1.Document;
import io.aetherflow.api.statesync.v1.DocumentServiceGrpc;
import io.aetherflow.api.statesync.v1.DocumentServiceGrpc.DocumentServiceBlockingStub;
import io.aetherflow.api.statesync.v1.GetDocumentRequest;
import io.aetherflow.api.statesync.v1.ListDocumentsRequest;
import io.aetherflow.api.statesync.v1.ListDocumentsResponse;
import io.aetherflow.api.statesync.v1.ListOperationsRequest;
import io.aetherflow.api.statesync.v1.ListOperationsResponse;
import io.aetherflow.api.statesync.v1.Operation;
import io.aetherflow.api.statesync.v1.OperationDraft;
import io.aetherflow.api.statesync.v1.Presence;
import io.aetherflow.api.statesync.v1.SyncRequest;
import io.aetherflow.api.statesync.v1.SyncResponse;
import io.aetherflow.api.statesync.v1.SyncServiceGrpc;
import io.aetherflow.api.statesync.v1.SyncServiceGrpc.SyncServiceBlockingStub;
import io.aetherflow.runtime.AetherRuntime;
import io.aetherflow.runtime.testing.EtcdServer;
import io.aetherflow.runtime.testing.TestRuntimes;
import io.grpc.Channel;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class StateSyncGrpcTest {
  private static EtcdServer etcd;
  private static AetherRuntime runtime;
  private static StateSyncServer server;
  private static DocumentServiceBlockingStub documents;
  private static SyncServiceBlockingStub operations;
  private static SyncServiceGrpc.SyncServiceStub streams;

  @BeforeAll
  static void start() throws Exception {
    etcd = EtcdServer.running();
    runtime = TestRuntimes.start(etcd, "statesync-service", "s-0");
    server = new StateSyncServer(runtime, 0);
    Channel channel =
        runtime
            .transports()
            .channelTo(InetSocketAddress.createUnresolved("127.0.0.1", server.port()));
    documents = DocumentServiceGrpc.newBlockingStub(channel);
    operations = SyncServiceGrpc.newBlockingStub(channel);
    streams = SyncServiceGrpc.newStub(channel);
    await()
        .ignoreExceptions()
        .until(() -> {
          create("first", ConflictPolicy.CONFLICT_POLICY_UNSPECIFIED);
          return true;
        });
  }

  @AfterAll
  static void stop() {
    server.leave();
    server.stop();
    runtime.close();
    etcd.close();
  }

  @Test
  void aDocumentIsCreatedFoundListedAndDeleted() {
    Document created = create("crud", ConflictPolicy.CONFLICT_POLICY_REJECT);
    assertThat(created.getCreateUser()).isEqualTo("alice");
    assertThat(get("crud")).isEqualTo(created);
    assertThatThrownBy(() -> create("crud", ConflictPolicy.CONFLICT_POLICY_REJECT))
        .satisfies(code(Code.ALREADY_EXISTS));
    assertThat(documents.createDocument(CreateDocumentRequest.getDefaultInstance()).getId())
        .isNotEmpty();
    assertThat(listed()).contains("crud");
    documents.deleteDocument(DeleteDocumentRequest.newBuilder().setId("crud").build());
    assertThatThrownBy(() -> get("crud")).satisfies(code(Code.NOT_FOUND));
    assertThatThrownBy(() -> apply("crud", "c", draft(1, 0, "x"))).satisfies(code(Code.NOT_FOUND));
    assertThatThrownBy(() -> create("crud", ConflictPolicy.CONFLICT_POLICY_REJECT))
        .satisfies(code(Code.ALREADY_EXISTS));
    assertThat(listed()).doesNotContain("crud");
  }

  private static List<String> listed() {
    List<String> ids = new ArrayList<>();
    String token = "";
    do {
      ListDocumentsResponse page =
          documents.listDocuments(
              ListDocumentsRequest.newBuilder().setPageSize(2).setPageToken(token).build());
      assertThat(page.getDocumentsCount()).isLessThanOrEqualTo(2);
      page.getDocumentsList().forEach(document -> ids.add(document.getId()));
      token = page.getNextPageToken();
    } while (!token.isEmpty());
    assertThat(ids).doesNotHaveDuplicates();
    return ids;
  }

  @Test
  void aRepeatedRequestGetsTheSamePlaces() {
    OperationDraft[] drafts = {draft(1, 0, "a"), draft(2, 0, "b")};
    ApplyOperationsResponse first = apply("repeat", "c", drafts);
    assertThat(first.getSeqsList()).containsExactly(1L, 2L);
    assertThat(apply("repeat", "c", drafts)).isEqualTo(first);
    assertThat(get("repeat").getHead()).isEqualTo(2);
    ListOperationsResponse listed = list("repeat", 1, 10);
    assertThat(listed.getOperationsList()).extracting(Operation::getSeq).containsExactly(1L, 2L);
    assertThat(listed.getHead()).isEqualTo(2);
    assertThat(list("repeat", 3, 10).getOperationsList()).isEmpty();
  }

  @Test
  void theRejectPolicyTakesOnlyWhatKnowsTheHead() {
    create("strict", ConflictPolicy.CONFLICT_POLICY_REJECT);
    apply("strict", "a", draft(1, 0, "a"), draft(2, 0, "b"));
    assertThatThrownBy(() -> apply("strict", "b", draft(1, 1, "late")))
        .satisfies(code(Code.ABORTED))
        .satisfies(failure -> {
          assertThat(info(failure).getReason()).isEqualTo("BASE_CONFLICT");
          assertThat(info(failure).getMetadataOrThrow("head")).isEqualTo("2");
        });
    assertThat(apply("strict", "b", draft(1, 2, "now")).getSeqsList()).containsExactly(3L);
  }

  @Test
  void whatCannotBeAnOperationIsRefused() {
    assertThatThrownBy(() -> apply("a/b", "c", draft(1, 0, "x")))
        .satisfies(code(Code.INVALID_ARGUMENT));
    assertThatThrownBy(() -> apply("ok", "", draft(1, 0, "x")))
        .satisfies(code(Code.INVALID_ARGUMENT));
    assertThatThrownBy(() -> apply("ok", "c", draft(0, 0, "x")))
        .satisfies(code(Code.INVALID_ARGUMENT));
    assertThatThrownBy(() -> apply("ok", "c")).satisfies(code(Code.INVALID_ARGUMENT));
    assertThat(apply("ok", "c", draft(1, 0, "x".repeat(512 << 10))).getSeqsList()).hasSize(1);
    assertThatThrownBy(() -> apply("ok", "c", draft(2, 0, "x".repeat((512 << 10) + 1))))
        .satisfies(code(Code.INVALID_ARGUMENT));
  }

  @Test
  void aStreamFromTheBeginningGetsMoreThanMemoryHoldsAndThenWhatIsNew() {
    String large = "x".repeat(100_000);
    for (int i = 1; i <= 60; i++) {
      apply("long", "c", draft(i, 0, large));
    }
    Queue<SyncResponse> received = new ConcurrentLinkedQueue<>();
    StreamObserver<SyncRequest> stream = streams.sync(into(received));
    stream.onNext(attach("long", 1));
    await().until(() -> seqs(received).size() == 60);
    apply("long", "c", draft(61, 0, "new"));
    await().until(() -> seqs(received).size() == 61);
    assertThat(seqs(received)).isEqualTo(LongStream.rangeClosed(1, 61).boxed().toList());
    assertThat(received.peek().getAttached().getRecovered()).isTrue();
    stream.onCompleted();
  }

  @Test
  void aStreamAppliesFollowsAndCarriesPresence() {
    Queue<SyncResponse> alice = new ConcurrentLinkedQueue<>();
    Queue<SyncResponse> bob = new ConcurrentLinkedQueue<>();
    StreamObserver<SyncRequest> fromAlice = streams.sync(into(alice));
    StreamObserver<SyncRequest> fromBob = streams.sync(into(bob));
    fromAlice.onNext(attach("shared", 0));
    fromBob.onNext(attach("shared", 0));
    await()
        .until(() -> has(alice, SyncResponse::hasAttached) && has(bob, SyncResponse::hasAttached));
    ApplyOperationsRequest request = request("shared", "alice", draft(1, 0, "hello"));
    fromAlice.onNext(SyncRequest.newBuilder().setApply(request).build());
    await().until(() -> has(alice, SyncResponse::hasResult) && seqs(bob).equals(List.of(1L)));
    assertThat(seqs(alice)).containsExactly(1L);
    fromBob.onNext(
        SyncRequest.newBuilder()
            .setPresence(Presence.newBuilder().setDocument("shared").setClientId("bob"))
            .build());
    await().until(() -> has(alice, SyncResponse::hasPresence));
    assertThat(has(bob, SyncResponse::hasPresence)).isFalse();
    fromAlice.onCompleted();
    fromBob.onCompleted();
  }

  @Test
  void aStreamTakesAnyNumberOfRequestsInOrder() {
    apply("many", "first", draft(1, 0, "makes the document"));
    Queue<SyncResponse> received = new ConcurrentLinkedQueue<>();
    StreamObserver<SyncRequest> stream = streams.sync(into(received));
    for (int i = 1; i <= 1_000; i++) {
      stream.onNext(
          SyncRequest.newBuilder().setApply(request("many", "c", draft(i, 0, "x"))).build());
      int sent = i;
      if (sent % 100 == 0) {
        // Few enough at once that none is shed, and in all more than are on their way at most.
        await().until(() -> received.size() == sent);
      }
    }
    assertThat(received)
        .extracting(each -> each.getResult().getOutcomes(0).getSeq())
        .containsExactlyElementsOf(LongStream.rangeClosed(2, 1_001).boxed().toList());
    stream.onCompleted();
  }

  @Test
  void anAttachBeyondTheHeadSaysSo() {
    apply("short", "c", draft(1, 0, "a"));
    Queue<SyncResponse> received = new ConcurrentLinkedQueue<>();
    StreamObserver<SyncRequest> stream = streams.sync(into(received));
    stream.onNext(attach("short", 7));
    await().until(() -> has(received, SyncResponse::hasAttached));
    assertThat(received.peek().getAttached().getRecovered()).isFalse();
    assertThat(received.peek().getAttached().getHead()).isEqualTo(1);
    stream.onCompleted();
  }

  private static boolean has(Queue<SyncResponse> received, Predicate<SyncResponse> kind) {
    return received.stream().anyMatch(kind);
  }

  private static List<Long> seqs(Queue<SyncResponse> received) {
    return received.stream()
        .flatMap(response -> response.getOperations().getOperationsList().stream())
        .map(Operation::getSeq)
        .toList();
  }

  private static StreamObserver<SyncResponse> into(Queue<SyncResponse> received) {
    return new StreamObserver<>() {
      @Override
      public void onNext(SyncResponse response) {
        received.add(response);
      }

      @Override
      public void onError(Throwable failure) {}

      @Override
      public void onCompleted() {}
    };
  }

  private static SyncRequest attach(String document, long fromSeq) {
    return SyncRequest.newBuilder()
        .setAttach(Attach.newBuilder().setDocument(document).setFromSeq(fromSeq))
        .build();
  }

  private static Document create(String id, ConflictPolicy policy) {
    return documents.createDocument(
        CreateDocumentRequest.newBuilder().setId(id).setPolicy(policy).setUser("alice").build());
  }

  private static Document get(String id) {
    return documents.getDocument(GetDocumentRequest.newBuilder().setId(id).build());
  }

  private static ListOperationsResponse list(String document, long from, int limit) {
    return operations.listOperations(
        ListOperationsRequest.newBuilder()
            .setDocument(document)
            .setFromSeq(from)
            .setLimit(limit)
            .build());
  }

  private static ApplyOperationsResponse apply(
      String document, String client, OperationDraft... drafts) {
    return operations.applyOperations(request(document, client, drafts));
  }

  private static ApplyOperationsRequest request(
      String document, String client, OperationDraft... drafts) {
    return ApplyOperationsRequest.newBuilder()
        .setDocument(document)
        .setClientId(client)
        .setUser("alice")
        .addAllOperations(List.of(drafts))
        .build();
  }

  private static OperationDraft draft(long clientSeq, long baseSeq, String text) {
    return OperationDraft.newBuilder()
        .setClientSeq(clientSeq)
        .setBaseSeq(baseSeq)
        .setData(ByteString.copyFromUtf8(text))
        .build();
  }

  private static Consumer<Throwable> code(Code expected) {
    return failure ->
        assertThat(((StatusRuntimeException) failure).getStatus().getCode()).isEqualTo(expected);
  }

  private static ErrorInfo info(Throwable failure) {
    try {
      return StatusProto.fromThrowable(failure).getDetails(0).unpack(ErrorInfo.class);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }
}
