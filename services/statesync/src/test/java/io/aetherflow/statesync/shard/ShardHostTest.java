package io.aetherflow.statesync.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aetherflow.api.statesync.v1.Operation;
import io.aetherflow.api.statesync.v1.OperationBatch;
import io.aetherflow.runtime.trace.Tracing;
import io.aetherflow.statesync.archive.MemorySnapshotStore;
import io.aetherflow.statesync.commit.GroupCommitter;
import io.aetherflow.statesync.document.Admission;
import io.aetherflow.statesync.document.FoldedMemory;
import io.aetherflow.statesync.document.ShardContext;
import io.aetherflow.statesync.document.Totals;
import io.aetherflow.statesync.log.MemoryCompactionLock;
import io.aetherflow.statesync.log.MemoryOpLog;
import io.aetherflow.statesync.log.OpLog;
import io.aetherflow.statesync.log.OpLog.ShardAppend;
import io.aetherflow.statesync.log.Segment;
import io.aetherflow.statesync.loop.Loop;
import io.aetherflow.statesync.shard.ClusterView.Member;
import io.aetherflow.statesync.shard.ClusterView.Owner;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ShardHostTest {
  private static final int BROKEN = 3;

  private final Loop loop = new Loop("documents");
  private final MemoryOpLog stored = new MemoryOpLog(new MemoryCompactionLock());
  private final Map<String, Integer> calls = new ConcurrentHashMap<>();
  private final Set<String> missed = ConcurrentHashMap.newKeySet();
  private final OpLog log =
      (OpLog)
          Proxy.newProxyInstance(
              OpLog.class.getClassLoader(),
              new Class<?>[] {OpLog.class},
              (proxy, method, args) -> {
                calls.merge(method.getName(), 1, Integer::sum);
                return method.invoke(stored, args);
              });
  private final ShardHost host =
      new ShardHost(
          "s-0",
          "127.0.0.1:1",
          new ShardContext(
              log,
              new MemorySnapshotStore(stored),
              null,
              null,
              new GroupCommitter(log, loop, new Random(1), Tracing.NONE),
              Admission.ofHeap(64 << 20),
              FoldedMemory.ofHeap(64 << 20),
              new Totals(),
              loop,
              Clock.systemUTC(),
              new Random(2)),
          missed::add);

  @AfterEach
  void stop() {
    loop.shutdownNow();
  }

  private void join() {
    loop.execute(() ->
        host.onView(new ClusterView(Map.of("s-0", new Member("127.0.0.1:1", false)), Map.of())));
  }

  private Set<Integer> serving() throws Exception {
    Map<Integer, String> documents =
        IntStream.range(0, 20_000)
            .mapToObj(i -> "d" + i)
            .collect(Collectors.toMap(Shards::of, id -> id, (first, second) -> first));
    Set<Integer> serving = Collections.synchronizedSet(new TreeSet<>());
    CompletableFuture.runAsync(
            () -> documents.forEach((shard, id) -> host.ifServed(id, found -> serving.add(shard))),
            loop)
        .get(10, TimeUnit.SECONDS);
    return serving;
  }

  @Test
  void aStartTakesFewCallsAndSoDoesADrain() throws Exception {
    join();
    await().until(() -> serving().size() == Shards.COUNT);
    assertThat(calls).containsOnly(Map.entry("claim", 5), Map.entry("read", 5));
    host.drain().get(10, TimeUnit.SECONDS);
    assertThat(calls).containsEntry("release", 5);
    assertThat(serving()).isEmpty();
  }

  @Test
  void aShardThatCannotBeReadHoldsNoOtherBack() throws Exception {
    long epoch = stored.claim(Map.of(BROKEN, 0L), "before").join().get(BROKEN);
    for (long number : new long[] {1, 3}) {
      Segment segment =
          new Segment(
              number,
              List.of(
                  OperationBatch.newBuilder()
                      .setDocument("d")
                      .setFirstSeq(number)
                      .addOperations(Operation.newBuilder().setSeq(number).setClientId("c"))
                      .build()));
      stored.append(List.of(new ShardAppend(BROKEN, epoch, segment))).join();
    }
    stored.release(Map.of(BROKEN, epoch)).join();
    join();
    await().until(() -> serving().size() == Shards.COUNT - 1);
    assertThat(serving()).doesNotContain(BROKEN);
  }

  @Test
  void anOwnerThatCallersWaitToBeReplacedIsMissed() throws Exception {
    String document = "d";
    Owner other = new Owner("s-1", "127.0.0.1:2", 5);
    Member member = new Member("127.0.0.1:2", false);
    loop.submit(() ->
            host.onView(new ClusterView(Map.of("s-1", member), Map.of(Shards.of(document), other))))
        .get();
    seek(document, 0);
    seek(document, 4);
    assertThat(missed).as("this is where it is").isEmpty();
    seek(document, 5);
    assertThat(missed).containsExactly("s-1");
  }

  private void seek(String document, long staleEpoch) throws Exception {
    loop.submit(() -> host.locate(document, staleEpoch, 10, found -> {})).get();
  }
}
