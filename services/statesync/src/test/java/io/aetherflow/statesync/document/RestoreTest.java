package io.aetherflow.statesync.document;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.aetherflow.api.statesync.v1.ApplyOperationsRequest;
import io.aetherflow.api.statesync.v1.ApplyOperationsResponse;
import io.aetherflow.api.statesync.v1.ConflictPolicy;
import io.aetherflow.api.statesync.v1.CreateVersionRequest;
import io.aetherflow.api.statesync.v1.Document;
import io.aetherflow.api.statesync.v1.OperationDraft;
import io.aetherflow.api.statesync.v1.RestoreVersionRequest;
import io.aetherflow.api.statesync.v1.Version;
import io.aetherflow.api.statesync.v1.VersionContent;
import io.aetherflow.runtime.testing.EtcdServer;
import io.aetherflow.runtime.trace.Tracing;
import io.aetherflow.statesync.archive.EtcdSnapshotStore;
import io.aetherflow.statesync.archive.VersionStore;
import io.aetherflow.statesync.commit.GroupCommitter;
import io.aetherflow.statesync.document.Outcome.Done;
import io.aetherflow.statesync.document.Outcome.Refused;
import io.aetherflow.statesync.document.Refusal.Reason;
import io.aetherflow.statesync.log.EtcdOpLog;
import io.aetherflow.statesync.log.OpLog;
import io.aetherflow.statesync.loop.Loop;
import io.etcd.jetcd.Client;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When a restore that has nothing to place is answered, over a real etcd that may be slow. */
@Timeout(60)
class RestoreTest {
  private static final int SHARD = 7;

  private final Loop loop = new Loop("documents");
  private EtcdServer etcd;
  private Client client;
  private OwnedShard shard;

  /** Appends begin when it is complete. */
  private volatile CompletableFuture<Void> gate = CompletableFuture.completedFuture(null);

  @BeforeEach
  void start() throws Exception {
    etcd = EtcdServer.running();
    client = Client.builder().endpoints(etcd.endpoint()).waitForReady(true).build();
    OpLog log = gated(new EtcdOpLog(client, "log"));
    ShardContext context =
        new ShardContext(
            log,
            new EtcdSnapshotStore(client),
            new VersionStore(client),
            new DocumentStore(client),
            new GroupCommitter(log, loop, new Random(1), Tracing.NONE),
            new Admission(16 << 20, System::nanoTime),
            FoldedMemory.ofHeap(64 << 20),
            new Totals(),
            loop,
            Clock.systemUTC(),
            new Random(2));
    long epoch = log.claim(Map.of(SHARD, 0L), "s-0").join().get(SHARD);
    shard =
        new OwnedShard(
            SHARD,
            epoch,
            context,
            new OwnedShard.Listener() {
              @Override
              public void fenced(OwnedShard fenced) {
                fenced.lost();
              }

              @Override
              public void idle(OwnedShard idle) {}
            });
    OpLog.Tail tail = log.read(Set.of(SHARD)).join().get(SHARD);
    later(() -> {
      shard.load(tail, List.of());
      return CompletableFuture.completedFuture(null);
    });
    this.<Document>call(answer ->
        document()
            .create(
                Document.newBuilder()
                    .setId("d")
                    .setPolicy(ConflictPolicy.CONFLICT_POLICY_PROPERTY_LWW)
                    .build(),
                answer));
    write(1, "{\"set\": {\"x\": 1}}").get(10, TimeUnit.SECONDS);
    this.<Version>call(answer ->
        document()
            .createVersion(
                CreateVersionRequest.newBuilder().setDocument("d").setName("v").build(), answer));
  }

  private OpLog gated(OpLog log) {
    return (OpLog)
        Proxy.newProxyInstance(
            OpLog.class.getClassLoader(),
            new Class<?>[] {OpLog.class},
            (proxy, method, arguments) ->
                method.getName().equals("append")
                    ? gate.thenCompose(open -> log.append(appends(arguments[0])))
                    : method.invoke(log, arguments));
  }

  @SuppressWarnings("unchecked")
  private static List<OpLog.ShardAppend> appends(Object argument) {
    return (List<OpLog.ShardAppend>) argument;
  }

  @AfterEach
  void stop() {
    loop.shutdownNow();
    client.close();
    etcd.close();
  }

  @Test
  void whatIsSoByAnOperationUnderWayIsAnsweredWhenThatIsDurable() throws Exception {
    write(2, "{\"set\": {\"x\": 2}}").get(10, TimeUnit.SECONDS);
    CompletableFuture<Void> opened = new CompletableFuture<>();
    gate = opened;
    CompletableFuture<Outcome<ApplyOperationsResponse>> written = write(3, "{\"set\": {\"x\": 1}}");
    CompletableFuture<Outcome<ApplyOperationsResponse>> restored = restore();
    // Further readings of the version, after which the restore's own was compared.
    for (int i = 0; i < 3; i++) {
      this.<VersionContent>call(answer -> document().version("v", answer));
    }
    assertThat(restored).isNotDone();
    opened.complete(null);
    assertThat(written.get(10, TimeUnit.SECONDS)).isInstanceOf(Done.class);
    assertThat(seqs(restored.get(10, TimeUnit.SECONDS))).isEmpty();
  }

  @Test
  void anOwnerThatStopsAnswersNoRestore() throws Exception {
    later(() -> {
      shard.stop();
      return CompletableFuture.completedFuture(null);
    });
    assertThat(restore().get(10, TimeUnit.SECONDS))
        .isInstanceOfSatisfying(
            Refused.class,
            refused -> assertThat(refused.why().reason()).isEqualTo(Reason.NOT_OWNER));
  }

  @Test
  void aRepeatedRestoreTellsWhereTheFirstOneWent() throws Exception {
    write(2, "{\"set\": {\"x\": 2}}").get(10, TimeUnit.SECONDS);
    List<Long> first = seqs(restore().get(10, TimeUnit.SECONDS));
    assertThat(first).hasSize(1);
    assertThat(seqs(restore().get(10, TimeUnit.SECONDS))).as("all is so").isEqualTo(first);
    write(3, "{\"set\": {\"x\": 3}}").get(10, TimeUnit.SECONDS);
    assertThat(seqs(restore().get(10, TimeUnit.SECONDS)))
        .as("it restores nothing twice")
        .isEqualTo(first);
  }

  private static List<Long> seqs(Outcome<ApplyOperationsResponse> outcome) {
    return outcome instanceof Done<ApplyOperationsResponse>(ApplyOperationsResponse response)
        ? response.getSeqsList()
        : List.of(-1L);
  }

  private CompletableFuture<Outcome<ApplyOperationsResponse>> restore() {
    RestoreVersionRequest request =
        RestoreVersionRequest.newBuilder()
            .setDocument("d")
            .setName("v")
            .setClientId("c")
            .setClientSeq(1)
            .build();
    return begin(answer -> document().restoreVersion(request, answer));
  }

  private CompletableFuture<Outcome<ApplyOperationsResponse>> write(long clientSeq, String edit) {
    ApplyOperationsRequest request =
        ApplyOperationsRequest.newBuilder()
            .setDocument("d")
            .setClientId("c")
            .addOperations(
                OperationDraft.newBuilder()
                    .setClientSeq(clientSeq)
                    .setData(ByteString.copyFromUtf8(edit)))
            .build();
    return begin(answer -> document().apply(request, answer));
  }

  private DocumentState document() {
    return shard.document("d");
  }

  private <T> CompletableFuture<Outcome<T>> begin(Consumer<Consumer<Outcome<T>>> call) {
    CompletableFuture<Outcome<T>> answer = new CompletableFuture<>();
    loop.execute(() -> call.accept(answer::complete));
    return answer;
  }

  private <T> void call(Consumer<Consumer<Outcome<T>>> call) throws Exception {
    assertThat(begin(call).get(10, TimeUnit.SECONDS)).isInstanceOf(Done.class);
  }

  private <T> void later(Supplier<CompletableFuture<T>> call) throws Exception {
    CompletableFuture.supplyAsync(call, loop)
        .thenCompose(future -> future)
        .get(10, TimeUnit.SECONDS);
  }
}
