package io.aetherflow.statesync;

import static io.aetherflow.statesync.testing.Server.draft;
import static io.aetherflow.statesync.testing.Server.info;
import static io.aetherflow.statesync.testing.Server.reason;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.aetherflow.api.statesync.v1.Attach;
import io.aetherflow.api.statesync.v1.ConflictPolicy;
import io.aetherflow.api.statesync.v1.DocumentContent;
import io.aetherflow.api.statesync.v1.PutStateRequest;
import io.aetherflow.api.statesync.v1.PutStateResponse;
import io.aetherflow.api.statesync.v1.SyncRequest;
import io.aetherflow.api.statesync.v1.SyncResponse;
import io.aetherflow.statesync.testing.Server;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** States, supplied and folded, and what is trimmed below them, over a real etcd. */
@Timeout(120)
class StateTest {
  private static final String LARGE = "x".repeat(100_000);
  private static final Duration ARCHIVED = Duration.ofSeconds(20);

  private Server server = new Server();

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void aSuppliedStateLetsHistoryBeTrimmedAndTakesItsPlace() {
    write("doc", 1, 80);
    ByteString state = ByteString.copyFrom(new byte[1_500_000]);
    assertThatThrownBy(() -> server.state("doc")).satisfies(reason("NOT_FOUND"));
    assertThat(put("doc", 80, state).getSeq()).isEqualTo(80);
    write("doc", 81, 30);
    awaitTrimmed("doc");
    assertThatThrownBy(() -> server.list("doc", 1))
        .satisfies(reason("SEQ_TRIMMED"))
        .satisfies(failure -> {
          assertThat(info(failure).getMetadataOrThrow("state_seq")).isEqualTo("80");
          assertThat(Long.parseLong(info(failure).getMetadataOrThrow("first_seq")))
              .isBetween(2L, 81L);
        });
    assertThat(server.state("doc").getData()).isEqualTo(state);
    server = server.successor("s-1");
    DocumentContent found = server.state("doc");
    assertThat(found.getSeq()).isEqualTo(80);
    assertThat(found.getData()).isEqualTo(state);
    assertThat(found.getHead()).isEqualTo(110);
    assertThat(seqs("doc", 81, 110)).containsExactlyElementsOf(range(81, 110));
    Queue<SyncResponse> received = new ConcurrentLinkedQueue<>();
    StreamObserver<SyncRequest> stream = attach(received, "doc", 1);
    await().until(() -> !received.isEmpty());
    assertThat(received.peek().getAttached().getRecovered()).isFalse();
    assertThat(received.peek().getAttached().getFirstSeq()).isBetween(2L, 81L);
    stream.onCompleted();
  }

  /** Page by page: how many operations one holds depends on when rounds of archiving came. */
  private List<Long> seqs(String document, long from, long through) {
    List<Long> seqs = new ArrayList<>();
    for (long next = from; next <= through; next = seqs.getLast() + 1) {
      server.list(document, next).getOperationsList().forEach(each -> seqs.add(each.getSeq()));
    }
    return seqs;
  }

  private static List<Long> range(long from, long through) {
    return LongStream.rangeClosed(from, through).boxed().toList();
  }

  @Test
  void anOlderStateChangesNothingAndOneOfTheFutureIsRefused() {
    write("doc", 1, 3);
    put("doc", 2, ByteString.copyFromUtf8("two"));
    assertThat(put("doc", 1, ByteString.copyFromUtf8("one")).getSeq()).isEqualTo(2);
    assertThat(server.state("doc").getData().toStringUtf8()).isEqualTo("two");
    assertThatThrownBy(() -> put("doc", 4, ByteString.EMPTY)).satisfies(reason("INVALID"));
    assertThatThrownBy(() -> put("doc", 0, ByteString.EMPTY)).satisfies(reason("INVALID"));
    assertThatThrownBy(() -> put("doc", 3, ByteString.copyFrom(new byte[(3 << 20) + 1])))
        .satisfies(reason("INVALID"));
    assertThatThrownBy(() -> put("nowhere", 1, ByteString.EMPTY)).satisfies(reason("NOT_FOUND"));
  }

  @Test
  void propertiesAreFoldedInTheServersOrderAndOutliveTheirOwner() {
    server.create("props", ConflictPolicy.CONFLICT_POLICY_PROPERTY_LWW);
    server.apply(
        "props", "a", draft(1, "{\"set\": {\"x\": 1, \"y\": {\"z\": [1.50, null]}}}").build());
    server.apply("props", "b", draft(1, "{\"set\": {\"x\": \"é\"}}").build());
    server.apply("props", "a", draft(2, "{\"delete\": [\"y\"]}").build());
    String state = "{\"properties\":{\"x\":{\"value\":\"é\",\"seq\":2}},\"deleted\":{\"y\":3}}";
    assertThat(server.state("props").getData().toStringUtf8()).isEqualTo(state);
    assertThat(server.state("props").getSeq()).isEqualTo(3);
    server = server.successor("s-1");
    assertThat(server.state("props").getData().toStringUtf8()).isEqualTo(state);
    assertThatThrownBy(() -> put("props", 3, ByteString.EMPTY)).satisfies(reason("POLICY"));
  }

  @Test
  void whatIsNoPropertyOperationIsRefused() {
    server.create("props", ConflictPolicy.CONFLICT_POLICY_PROPERTY_LWW);
    for (String wrong :
        new String[] {
          "",
          "[]",
          "{}",
          "{\"set\": {}}",
          "{\"set\": {\"\": 1}}",
          "{\"set\": {\"a\": 1}, \"delete\": [\"a\"]}",
          "{\"delete\": [1]}",
          "{\"set\": {\"a\": 1}} x",
          "{\"put\": {\"a\": 1}}",
          "{\"set\": {\"a\": " + "[".repeat(70) + "]".repeat(70) + "}}"
        }) {
      assertThatThrownBy(() -> server.apply("props", "a", draft(1, wrong).build()))
          .as(wrong)
          .satisfies(reason("INVALID"));
    }
    assertThat(server.list("props", 1).getOperationsList()).isEmpty();
  }

  @Test
  void aFoldedDocumentTrimsItselfAndNeverFills() {
    server.create("props", ConflictPolicy.CONFLICT_POLICY_PROPERTY_LWW);
    for (int i = 1; i <= 110; i++) {
      String edit = "{\"set\": {\"p" + i % 3 + "\": \"" + LARGE + "\", \"n\": " + i + "}}";
      server.apply("props", "a", draft(i, edit).build());
    }
    awaitTrimmed("props");
    server = server.successor("s-1");
    DocumentContent state = server.state("props");
    assertThat(state.getSeq()).isEqualTo(110);
    assertThat(state.getData().toStringUtf8())
        .startsWith("{\"properties\":{\"n\":{\"value\":110,\"seq\":110}");
    assertThat(state.getData().size()).isBetween(300_000, 301_000);
  }

  @Test
  void propertiesThatWouldBeTooLargeAreRefused() {
    server.create("props", ConflictPolicy.CONFLICT_POLICY_PROPERTY_LWW);
    String large = "x".repeat(500_000);
    for (int i = 1; i <= 6; i++) {
      server.apply(
          "props", "a", draft(i, "{\"set\": {\"p" + i + "\": \"" + large + "\"}}").build());
    }
    String seventh = "{\"set\": {\"p7\": \"" + large + "\"}}";
    assertThatThrownBy(() -> server.apply("props", "a", draft(7, seventh).build()))
        .satisfies(reason("LIMIT"));
    server.apply("props", "a", draft(8, "{\"delete\": [\"p1\"]}").build());
    server.apply("props", "a", draft(9, seventh).build());
  }

  @Test
  void aDocumentFullOfPropertiesAndDeletionsIsStillRead() {
    server.create("props", ConflictPolicy.CONFLICT_POLICY_PROPERTY_LWW);
    for (int i = 1; i <= 6; i++) {
      String edit = "{\"set\": {\"p" + i + "\": \"" + "x".repeat(500_000) + "\"}}";
      server.apply("props", "a", draft(i, edit).build());
    }
    for (int i = 7; i <= 10; i++) {
      String first = "\\u0001".repeat(250);
      int page = i * 1_000;
      String names =
          IntStream.range(0, 256)
              .mapToObj(each -> "\"" + first + (page + each) + "\"")
              .collect(Collectors.joining(","));
      server.apply("props", "a", draft(i, "{\"delete\": [" + names + "]}").build());
    }
    DocumentContent state = server.state("props");
    assertThat(state.getSeq()).isEqualTo(10);
    assertThat(state.getData().size()).isBetween(3_000_000, 3 << 20);
  }

  private void write(String document, int first, int count) {
    for (int i = first; i < first + count; i++) {
      server.apply(document, "c", draft(i, LARGE).build());
    }
  }

  /** Compaction comes with further writes, from the second round on. */
  private void awaitTrimmed(String document) {
    await()
        .atMost(ARCHIVED)
        .untilAsserted(() ->
            assertThatThrownBy(() -> server.list(document, 1)).satisfies(reason("SEQ_TRIMMED")));
  }

  private PutStateResponse put(String document, long seq, ByteString data) {
    return server
        .sync()
        .putState(
            PutStateRequest.newBuilder()
                .setState(
                    DocumentContent.newBuilder().setDocument(document).setSeq(seq).setData(data))
                .build());
  }

  private StreamObserver<SyncRequest> attach(
      Queue<SyncResponse> received, String document, long fromSeq) {
    StreamObserver<SyncRequest> stream =
        server
            .streams()
            .sync(
                new StreamObserver<>() {
                  @Override
                  public void onNext(SyncResponse response) {
                    received.add(response);
                  }

                  @Override
                  public void onError(Throwable failure) {}

                  @Override
                  public void onCompleted() {}
                });
    stream.onNext(
        SyncRequest.newBuilder()
            .setAttach(Attach.newBuilder().setDocument(document).setFromSeq(fromSeq))
            .build());
    return stream;
  }
}
