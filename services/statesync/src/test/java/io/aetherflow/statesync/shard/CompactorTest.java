package io.aetherflow.statesync.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aetherflow.api.statesync.v1.Operation;
import io.aetherflow.api.statesync.v1.OperationBatch;
import io.aetherflow.statesync.archive.MemorySnapshotStore;
import io.aetherflow.statesync.archive.SnapshotStore;
import io.aetherflow.statesync.commit.GroupCommitter;
import io.aetherflow.statesync.document.Admission;
import io.aetherflow.statesync.document.ShardContext;
import io.aetherflow.statesync.log.MemoryCompactionLock;
import io.aetherflow.statesync.log.MemoryOpLog;
import io.aetherflow.statesync.log.OpLog.ShardAppend;
import io.aetherflow.statesync.log.OpLog.Tail;
import io.aetherflow.statesync.log.Segment;
import io.aetherflow.statesync.loop.Loop;
import io.aetherflow.statesync.shard.ClusterView.Member;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Rounds over all shards of a process, over a log and an archive in memory. */
@Timeout(60)
class CompactorTest {
  private static final String BROKEN = "broken";

  private final Loop loop = new Loop("documents");
  private final MemoryCompactionLock lock = new MemoryCompactionLock();
  private final MemoryOpLog log = new MemoryOpLog(lock);
  private final MemorySnapshotStore stored = new MemorySnapshotStore(log);
  private final ShardContext context =
      new ShardContext(
          log,
          storeThatFailsOne(),
          null,
          new GroupCommitter(log, loop, new Random(1)),
          new Admission(),
          loop,
          Clock.systemUTC());
  private final ShardHost host = new ShardHost("s-0", "127.0.0.1:1", context);

  private SnapshotStore storeThatFailsOne() {
    return (SnapshotStore)
        Proxy.newProxyInstance(
            SnapshotStore.class.getClassLoader(),
            new Class<?>[] {SnapshotStore.class},
            (proxy, method, args) ->
                args[0] instanceof SnapshotStore.Save save
                        && save.snapshot().getDocument().equals(BROKEN)
                    ? CompletableFuture.failedFuture(new TimeoutException())
                    : method.invoke(stored, args));
  }

  @AfterEach
  void stop() {
    loop.shutdownNow();
  }

  @Test
  void whatCannotBeArchivedHoldsNoOtherShardBack() {
    int broken = Shards.of(BROKEN);
    int before = (broken + Shards.COUNT - 1) % Shards.COUNT;
    int after = (broken + 1) % Shards.COUNT;
    append(broken, BROKEN);
    append(before, "before");
    append(after, "after");
    loop.execute(() ->
        host.onView(new ClusterView(Map.of("s-0", new Member("127.0.0.1:1", false)), Map.of())));
    new Compactor(host, context, lock.of("s-0"), new Random(1)).start();
    await()
        .untilAsserted(() -> {
          assertThat(tail(before)).isEqualTo(new Tail(1, List.of()));
          assertThat(tail(after)).isEqualTo(new Tail(1, List.of()));
        });
    assertThat(tail(broken).segments()).hasSize(1);
    assertThat(stored.load(after).join())
        .extracting(each -> each.snapshot().getDocument())
        .containsExactly("after");
  }

  /** As a predecessor wrote it. */
  private void append(int shard, String document) {
    long epoch = log.claim(Map.of(shard, 0L), "before").join().get(shard);
    OperationBatch batch =
        OperationBatch.newBuilder()
            .setDocument(document)
            .setFirstSeq(1)
            .addOperations(Operation.newBuilder().setSeq(1).setClientId("c").setClientSeq(1))
            .build();
    log.append(List.of(new ShardAppend(shard, epoch, new Segment(1, List.of(batch))))).join();
    log.release(Map.of(shard, epoch)).join();
  }

  private Tail tail(int shard) {
    return log.read(Set.of(shard)).join().get(shard);
  }
}
