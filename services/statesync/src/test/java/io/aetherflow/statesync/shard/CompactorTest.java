package io.aetherflow.statesync.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.aetherflow.api.statesync.v1.Operation;
import io.aetherflow.api.statesync.v1.OperationBatch;
import io.aetherflow.runtime.trace.Tracing;
import io.aetherflow.statesync.archive.MemorySnapshotStore;
import io.aetherflow.statesync.archive.SnapshotStore;
import io.aetherflow.statesync.commit.GroupCommitter;
import io.aetherflow.statesync.document.Admission;
import io.aetherflow.statesync.document.FoldedMemory;
import io.aetherflow.statesync.document.ShardContext;
import io.aetherflow.statesync.document.Totals;
import io.aetherflow.statesync.log.MemoryCompactionLock;
import io.aetherflow.statesync.log.MemoryOpLog;
import io.aetherflow.statesync.log.OpLog;
import io.aetherflow.statesync.log.OpLog.Collected;
import io.aetherflow.statesync.log.OpLog.ShardAppend;
import io.aetherflow.statesync.log.OpLog.Tail;
import io.aetherflow.statesync.log.Segment;
import io.aetherflow.statesync.loop.Loop;
import io.aetherflow.statesync.shard.ClusterView.Member;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Rounds over all shards of a process, over a log and an archive in memory. */
@Timeout(60)
class CompactorTest {
  private static final long TRIM_NS = TimeUnit.MILLISECONDS.toNanos(40);
  private static final String BROKEN = "broken";

  private final Loop loop = new Loop("documents");
  private final MemoryCompactionLock lock = new MemoryCompactionLock();
  private final MemoryOpLog log = new MemoryOpLog(lock);
  private final MemorySnapshotStore stored = new MemorySnapshotStore(log);
  private final Clock clock =
      new Clock() {
        @Override
        public ZoneId getZone() {
          return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
          return this;
        }

        @Override
        public Instant instant() {
          return now;
        }
      };

  /** Moves with each trim, and where a test says so. */
  private final AtomicLong nowNs = new AtomicLong();

  private volatile Instant now = Instant.EPOCH;
  private volatile long revision = 1;
  private volatile boolean forgets;
  private volatile Supplier<CompletableFuture<Boolean>> rest;
  private volatile CompletableFuture<Boolean> collecting = CompletableFuture.completedFuture(true);
  private final List<Long> forgotten = new CopyOnWriteArrayList<>();
  private final ShardContext context =
      new ShardContext(
          logWithHistory(),
          storeThatFailsOne(),
          null,
          null,
          new GroupCommitter(log, loop, new Random(1), Tracing.NONE),
          Admission.ofHeap(64 << 20),
          FoldedMemory.ofHeap(64 << 20),
          new Totals(),
          loop,
          clock,
          new Random(2));
  private final ShardHost host = new ShardHost("s-0", "127.0.0.1:1", context, m -> {});

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

  @SuppressWarnings("unchecked")
  private OpLog logWithHistory() {
    return (OpLog)
        Proxy.newProxyInstance(
            OpLog.class.getClassLoader(),
            new Class<?>[] {OpLog.class},
            (proxy, method, args) ->
                switch (method.getName()) {
                  case "forgetHistory" -> {
                    forgotten.add((Long) args[0]);
                    yield forgets
                        ? CompletableFuture.completedFuture(null)
                        : CompletableFuture.failedFuture(new TimeoutException());
                  }
                  case "collect" -> {
                    rest = (Supplier<CompletableFuture<Boolean>>) args[1];
                    long seen = revision;
                    yield collecting.thenApply(all -> new Collected(seen, all));
                  }
                  case "trim" -> {
                    nowNs.addAndGet(TRIM_NS);
                    yield method.invoke(log, args);
                  }
                  default -> method.invoke(log, args);
                });
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
    join();
    new Compactor(host, context, lock.of("s-0"), nowNs::get, new Random(1)).start();
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

  @Test
  void historyThatCannotBeFreedIsTold() throws Exception {
    append(3, "d");
    join();
    Compactor compactor = new Compactor(host, context, lock.of("s-0"), nowNs::get, new Random(1));
    await().until(() -> due(compactor));
    round(compactor).get(10, TimeUnit.SECONDS);
    now = now.plusSeconds(31);
    assertThatThrownBy(() -> forgetHistory(compactor).get(10, TimeUnit.SECONDS))
        .hasRootCauseInstanceOf(TimeoutException.class);
    assertThat(lock.of("s-1").acquire().join()).as("the lock is free again").isPresent();
  }

  @Test
  void historyIsFreedInStepsWhenItIsOldEnough() throws Exception {
    forgets = true;
    join();
    Compactor compactor = new Compactor(host, context, lock.of("s-0"), nowNs::get, new Random(1));
    pointAt(compactor, 0, 100);
    pointAt(compactor, 5_000, 200);
    pointAt(compactor, 60_000, 300);
    forgetAt(compactor, 29_999);
    assertThat(forgotten).isEmpty();
    forgetAt(compactor, 30_000);
    forgetAt(compactor, 32_500);
    forgetAt(compactor, 35_000);
    assertThat(forgotten).containsExactly(100L, 150L, 200L);
    forgetAt(compactor, 80_000);
    assertThat(forgotten).as("points too far apart to tell what lies between").hasSize(3);
    forgetAt(compactor, 90_000);
    forgetAt(compactor, 99_000);
    assertThat(forgotten).containsExactly(100L, 150L, 200L, 300L);
  }

  @Test
  void aRoundRestsForAsLongAsItsWorkTakes() throws Exception {
    append(3, "d");
    append(4, "e");
    join();
    Compactor compactor = new Compactor(host, context, lock.of("s-0"), nowNs::get, new Random(1));
    await().until(() -> due(compactor));
    long beganNs = System.nanoTime();
    round(compactor).get(10, TimeUnit.SECONDS);
    round(compactor).get(10, TimeUnit.SECONDS);
    assertThat(nowNs.get()).as("both were trimmed").isGreaterThanOrEqualTo(2 * TRIM_NS);
    assertThat(System.nanoTime() - beganNs).isGreaterThanOrEqualTo(2 * TRIM_NS);
  }

  @Test
  void historyIsFreedWhileARoundGoesOn() throws Exception {
    forgets = true;
    join();
    Compactor compactor = new Compactor(host, context, lock.of("s-0"), nowNs::get, new Random(1));
    pointAt(compactor, 0, 100);
    collecting = new CompletableFuture<>();
    CompletableFuture<Void> round = round(compactor);
    now = Instant.ofEpochMilli(31_000);
    compactor.start();
    await().untilAsserted(() -> assertThat(forgotten).contains(100L));
    assertThat(round).isNotDone();
    collecting.complete(true);
    round.get(10, TimeUnit.SECONDS);
  }

  @Test
  void whatARoundCouldNotDeleteIsDeletedByAnotherThoughNothingIsWritten() throws Exception {
    append(3, "d");
    join();
    Compactor compactor = new Compactor(host, context, lock.of("s-0"), nowNs::get, new Random(1));
    await().until(() -> due(compactor));
    collecting = CompletableFuture.completedFuture(false);
    round(compactor).get(10, TimeUnit.SECONDS);
    assertThat(tail(3)).isEqualTo(new Tail(1, List.of()));
    assertThat(due(compactor)).as("rounds are apart").isFalse();
    now = now.plusSeconds(4);
    assertThat(due(compactor)).isTrue();
    collecting = CompletableFuture.completedFuture(true);
    round(compactor).get(10, TimeUnit.SECONDS);
    now = now.plusSeconds(4);
    assertThat(due(compactor)).as("nothing is left").isFalse();
  }

  @Test
  void aRoundThatOnlyDeletesKeepsTheLockForASecond() throws Exception {
    join();
    Compactor compactor = new Compactor(host, context, lock.of("s-0"), nowNs::get, new Random(1));
    collecting = new CompletableFuture<>();
    CompletableFuture<Void> round = round(compactor);
    await().until(() -> rest != null);
    assertThat(rest.get().get(10, TimeUnit.SECONDS)).as("goes on").isTrue();
    nowNs.addAndGet(TimeUnit.SECONDS.toNanos(1));
    assertThat(rest.get().get(10, TimeUnit.SECONDS)).as("goes on").isFalse();
    collecting.complete(false);
    round.get(10, TimeUnit.SECONDS);
    now = now.plusSeconds(4);
    assertThat(due(compactor)).as("something is left").isTrue();
  }

  private boolean due(Compactor compactor) throws Exception {
    return CompletableFuture.supplyAsync(compactor::due, loop).get(10, TimeUnit.SECONDS);
  }

  private void pointAt(Compactor compactor, long millis, long at) throws Exception {
    now = Instant.ofEpochMilli(millis);
    revision = at;
    round(compactor).get(10, TimeUnit.SECONDS);
  }

  private void forgetAt(Compactor compactor, long millis) throws Exception {
    now = Instant.ofEpochMilli(millis);
    forgetHistory(compactor).get(10, TimeUnit.SECONDS);
  }

  private CompletableFuture<Void> round(Compactor compactor) {
    return CompletableFuture.supplyAsync(compactor::round, loop).thenCompose(round -> round);
  }

  private CompletableFuture<Void> forgetHistory(Compactor compactor) {
    return CompletableFuture.supplyAsync(compactor::forgetHistory, loop).thenCompose(done -> done);
  }

  private void join() {
    loop.execute(() ->
        host.onView(new ClusterView(Map.of("s-0", new Member("127.0.0.1:1", false)), Map.of())));
  }

  /** As a predecessor wrote it. */
  private void append(int shard, String document) {
    long epoch = log.claim(Map.of(shard, 0L), "before").join().get(shard);
    log.append(List.of(new ShardAppend(shard, epoch, new Segment(1, List.of(batch(document))))))
        .join();
    log.release(Map.of(shard, epoch)).join();
  }

  private static OperationBatch batch(String document) {
    return OperationBatch.newBuilder()
        .setDocument(document)
        .setFirstSeq(1)
        .addOperations(Operation.newBuilder().setSeq(1).setClientId("c").setClientSeq(1))
        .build();
  }

  private Tail tail(int shard) {
    return log.read(Set.of(shard)).join().get(shard);
  }
}
