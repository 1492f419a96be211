package io.aetherflow.statesync.document;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.aetherflow.api.statesync.v1.ApplyOperationsRequest;
import io.aetherflow.api.statesync.v1.ApplyOperationsResponse;
import io.aetherflow.api.statesync.v1.OperationDraft;
import io.aetherflow.runtime.testing.EtcdServer;
import io.aetherflow.runtime.trace.Tracing;
import io.aetherflow.statesync.archive.EtcdSnapshotStore;
import io.aetherflow.statesync.archive.VersionStore;
import io.aetherflow.statesync.commit.GroupCommitter;
import io.aetherflow.statesync.document.Outcome.Done;
import io.aetherflow.statesync.document.Outcome.Refused;
import io.aetherflow.statesync.document.Refusal.Reason;
import io.aetherflow.statesync.log.CompactionLock;
import io.aetherflow.statesync.log.EtcdCompactionLock;
import io.aetherflow.statesync.log.EtcdOpLog;
import io.aetherflow.statesync.log.OpLog;
import io.aetherflow.statesync.log.OpLog.Trimmed;
import io.aetherflow.statesync.loop.Loop;
import io.etcd.jetcd.Client;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a shard does with the operations it takes in itself, over a real etcd. */
@Timeout(60)
class OwnWritesTest {
  private static final int SHARD = 7;
  private static final int HOT_BYTES_MAX = 2_000;

  private final Loop loop = new Loop("documents");
  private final Admission admission = new Admission(HOT_BYTES_MAX, System::nanoTime);
  private EtcdServer etcd;
  private Client client;
  private OwnedShard shard;
  private long token;
  private int written;

  @BeforeEach
  void start() throws Exception {
    etcd = EtcdServer.running();
    client = Client.builder().endpoints(etcd.endpoint()).waitForReady(true).build();
    long lease = client.getLeaseClient().grant(60).join().getID();
    CompactionLock lock = new EtcdCompactionLock(client, "log", () -> lease);
    token = lock.acquire().join().getAsLong();
    OpLog log = new EtcdOpLog(client, "log");
    ShardContext context =
        new ShardContext(
            log,
            new EtcdSnapshotStore(client),
            new VersionStore(client),
            new DocumentStore(client),
            new GroupCommitter(log, loop, new Random(1), Tracing.NONE),
            admission,
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
  }

  @AfterEach
  void stop() {
    loop.shutdownNow();
    client.close();
    etcd.close();
  }

  @Test
  void whatItWroteItselfWaitsUntilThereIsMuchOfIt() throws Exception {
    assertThat(write(100)).isInstanceOf(Done.class);
    assertThat(archive()).isEqualTo(Trimmed.DONE);
    assertThat(write(100)).isInstanceOf(Done.class);
    assertThat(shard.hotSegments())
        .as("a round moves what was there at the one before")
        .isEqualTo(2);
    assertThat(shard.hasTaken()).isFalse();
    assertThat(archive()).isEqualTo(Trimmed.DONE);
    assertThat(shard.hotSegments()).isEqualTo(1);
  }

  @Test
  void itTakesNoMoreWhileTooMuchIsNotArchived() throws Exception {
    assertThat(write(1_000)).isInstanceOf(Done.class);
    assertThat(write(1_000))
        .isInstanceOfSatisfying(
            Refused.class, refused -> assertThat(refused.why().reason()).isEqualTo(Reason.QUOTA));
    archive();
    archive();
    assertThat(admission.hotBytes()).isZero();
    assertThat(write(1_000)).isInstanceOf(Done.class);
    assertThat(admission.hotBytes()).isBetween(1_000L, (long) HOT_BYTES_MAX);
    later(() -> {
      shard.lost();
      return CompletableFuture.completedFuture(null);
    });
    assertThat(admission.hotBytes()).isZero();
  }

  private Outcome<ApplyOperationsResponse> write(int bytes) throws Exception {
    ApplyOperationsRequest request =
        ApplyOperationsRequest.newBuilder()
            .setDocument("d")
            .setClientId("c")
            .addOperations(
                OperationDraft.newBuilder()
                    .setClientSeq(++written)
                    .setData(ByteString.copyFrom(new byte[bytes])))
            .build();
    return later(() -> {
      CompletableFuture<Outcome<ApplyOperationsResponse>> answer = new CompletableFuture<>();
      shard.document("d").apply(request, answer::complete);
      return answer;
    });
  }

  private Trimmed archive() throws Exception {
    return later(() -> shard.archive(token));
  }

  private <T> T later(Supplier<CompletableFuture<T>> call) throws Exception {
    return CompletableFuture.supplyAsync(call, loop)
        .thenCompose(future -> future)
        .get(10, TimeUnit.SECONDS);
  }
}
