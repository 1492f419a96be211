package io.aetherflow.statesync.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.aetherflow.api.statesync.v1.DocumentSnapshot.Chunk;
import io.aetherflow.api.statesync.v1.DocumentSnapshot.State;
import io.aetherflow.api.statesync.v1.Operation;
import io.aetherflow.api.statesync.v1.OperationBatch;
import io.aetherflow.runtime.trace.Tracing;
import io.aetherflow.statesync.archive.MemorySnapshotStore;
import io.aetherflow.statesync.archive.SnapshotStore;
import io.aetherflow.statesync.archive.SnapshotStore.Changed;
import io.aetherflow.statesync.archive.SnapshotStore.Save;
import io.aetherflow.statesync.archive.SnapshotStore.Stored;
import io.aetherflow.statesync.commit.GroupCommitter;
import io.aetherflow.statesync.document.DocumentArchive.Content;
import io.aetherflow.statesync.log.MemoryCompactionLock;
import io.aetherflow.statesync.log.MemoryOpLog;
import io.aetherflow.statesync.log.OpLog.ShardAppend;
import io.aetherflow.statesync.log.OpLog.Trimmed;
import io.aetherflow.statesync.log.Segment;
import io.aetherflow.statesync.loop.Loop;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One shard's way from the log into the archive, over a log and an archive in memory. */
@Timeout(60)
class ArchivingTest {
  private static final int SHARD = 7;
  private static final String DOCUMENT = "d";

  private final Loop loop = new Loop("documents");
  private final MemoryCompactionLock lock = new MemoryCompactionLock();
  private final MemoryOpLog log = new MemoryOpLog(lock);
  private final LossyStore store = new LossyStore(new MemorySnapshotStore(log));
  private final Admission admission = new Admission(16 << 20, System::nanoTime);
  private final long epoch = log.claim(Map.of(SHARD, 0L), "s-0").join().get(SHARD);
  private final long token = lock.of("s-0").acquire().join().getAsLong();
  private final OwnedShard shard = new OwnedShard(SHARD, epoch, context(), new Unheard());
  private long seq;
  private long segments;

  /** Stores what it is given, but may lose the answer, or carry it out later. */
  private static final class LossyStore implements SnapshotStore {
    private final SnapshotStore store;
    private final List<Save> late = new ArrayList<>();
    private final List<Saved> answers = new CopyOnWriteArrayList<>();
    private volatile CompletableFuture<Void> gate = CompletableFuture.completedFuture(null);
    private boolean lossy;
    private boolean slow;

    /** Run once, when the pieces of a state are there and nothing points at them yet. */
    private Runnable afterPieces = () -> {};

    LossyStore(SnapshotStore store) {
      this.store = store;
    }

    @Override
    public CompletableFuture<List<Stored>> load(int shard) {
      return store.load(shard);
    }

    @Override
    public CompletableFuture<Optional<Stored>> load(int shard, String document) {
      return store.load(shard, document);
    }

    @Override
    public CompletableFuture<Saved> save(Save save) {
      if (slow) {
        late.add(save);
        return CompletableFuture.failedFuture(new TimeoutException());
      }
      CompletableFuture<Saved> saved = store.save(save);
      answers.add(saved.join());
      return lossy ? CompletableFuture.failedFuture(new TimeoutException()) : saved;
    }

    @Override
    public CompletableFuture<Void> putState(String document, State state, ByteString bytes) {
      return store
          .putState(document, state, bytes)
          .thenRun(() -> {
            Runnable now = afterPieces;
            afterPieces = () -> {};
            now.run();
          });
    }

    @Override
    public CompletableFuture<Optional<ByteString>> state(String document, State state) {
      return store.state(document, state);
    }

    @Override
    public CompletableFuture<Optional<OperationBatch>> chunk(String document, long firstSeq) {
      CompletableFuture<Void> open = gate;
      gate = CompletableFuture.completedFuture(null);
      Optional<OperationBatch> found = store.chunk(document, firstSeq).join();
      return open.thenApply(now -> found);
    }
  }

  /** Nothing here is fenced, and nothing waits. */
  private static final class Unheard implements OwnedShard.Listener {
    @Override
    public void fenced(OwnedShard shard) {}

    @Override
    public void idle(OwnedShard shard) {}
  }

  private ShardContext context() {
    return new ShardContext(
        log,
        store,
        null,
        null,
        new GroupCommitter(log, loop, new Random(1), Tracing.NONE),
        admission,
        FoldedMemory.ofHeap(64 << 20),
        new Totals(),
        loop,
        Clock.systemUTC(),
        new Random(2));
  }

  @AfterEach
  void stop() {
    loop.shutdownNow();
  }

  @Test
  void aLargeOperationIsNotPassedByASmallerOneBehindIt() throws Exception {
    segment(200_000, 100_000, 10_000);
    load();
    assertThat(archive()).isEqualTo(Trimmed.DONE);
    assertThat(tailSize()).isZero();
    assertThat(readAll()).containsExactly(1L, 2L, 3L);
    assertThat(admission.hotBytes()).isZero();
  }

  @Test
  void whatIsArchivedAtOnceIsCutIntoChunksOfAboutTheSameSize() throws Exception {
    int[] operations = new int[400];
    Arrays.fill(operations, 250);
    segment(operations);
    load();
    assertThat(archive()).isEqualTo(Trimmed.DONE);
    assertThat(chunks())
        .hasSize(4)
        .allSatisfy(each -> assertThat(each.getBytes()).isBetween(25_000, 32 << 10));
    for (Chunk chunk : chunks()) {
      assertThat(store.chunk(DOCUMENT, chunk.getFirstSeq()).join().orElseThrow().toByteArray())
          .hasSize(chunk.getBytes());
    }
    assertThat(readAll()).hasSize(400).isSorted().doesNotHaveDuplicates().endsWith(400L);
  }

  @Test
  void anOperationThatIsLargerThanAChunkEndsOne() throws Exception {
    segment(1_000, 100_000, 1_000);
    load();
    assertThat(archive()).isEqualTo(Trimmed.DONE);
    assertThat(chunks()).extracting(Chunk::getFirstSeq).containsExactly(1L, 3L);
    assertThat(readAll()).containsExactly(1L, 2L, 3L);
  }

  @Test
  void whatFollowsALargeOperationIsNotCutSmaller() throws Exception {
    int[] operations = new int[51];
    Arrays.fill(operations, 1_000);
    operations[0] = 200_000;
    segment(operations);
    load();
    assertThat(archive()).isEqualTo(Trimmed.DONE);
    assertThat(chunks()).extracting(Chunk::getFirstSeq).containsExactly(1L, 2L, 27L);
    assertThat(readAll()).hasSize(51);
  }

  @Test
  void operationsOfTheSameSizeThatComeOneByOneAreMerged() throws Exception {
    for (int i = 0; i < 32; i++) {
      segment(100);
      load();
      archive();
    }
    assertThat(chunks()).hasSizeLessThan(8);
    assertThat(readAll()).hasSize(32);
  }

  @Test
  void noMoreChunksAreMergedThanOneTransactionOfEtcdTakes() throws Exception {
    int smaller = DocumentArchive.MERGED_CHUNKS_MAX + 20;
    for (int i = 0; i < smaller; i++) {
      segment(300 - i);
      load();
      archive();
    }
    assertThat(chunks()).hasSize(smaller);
    segment(400);
    load();
    assertThat(archive()).isEqualTo(Trimmed.DONE);
    assertThat(chunks()).hasSize(smaller - DocumentArchive.MERGED_CHUNKS_MAX + 1);
    assertThat(readAll()).hasSize(smaller + 1);
  }

  @Test
  void aMergeWhoseAnswerIsLostHoldsNothingUp() throws Exception {
    mergeWithoutAnswer();
    assertThat(archive()).isEqualTo(Trimmed.DONE);
    assertThat(tailSize()).isZero();
    assertThat(readAll()).containsExactly(1L, 2L, 3L);
  }

  @Test
  void aMergeWhoseAnswerIsLostIsRead() throws Exception {
    mergeWithoutAnswer();
    assertThat(later(() -> shard.document(DOCUMENT).read(2, 1, 1 << 20)))
        .extracting(Operation::getSeq)
        .containsExactly(2L);
  }

  @Test
  void aSaveThatComesAfterALaterOneTakesNothingBack() throws Exception {
    segment(1_000);
    load();
    store.slow = true;
    assertThatThrownBy(this::archive).hasRootCauseInstanceOf(TimeoutException.class);
    store.slow = false;
    segment(1_000);
    load();
    assertThat(archive()).isEqualTo(Trimmed.DONE);
    assertThat(store.save(store.late.getFirst()).join()).isEqualTo(new SnapshotStore.Changed());
    load();
    assertThat(readAll()).containsExactly(1L, 2L);
  }

  @Test
  void aSaveThatComesBeforeALaterOneIsFollowedByIt() throws Exception {
    segment(1_000);
    load();
    store.slow = true;
    assertThatThrownBy(this::archive).hasRootCauseInstanceOf(TimeoutException.class);
    store.slow = false;
    segment(1_000);
    load();
    store.save(store.late.getFirst()).join();
    assertThat(archive()).isEqualTo(Trimmed.DONE);
    load();
    assertThat(readAll()).containsExactly(1L, 2L);
  }

  @Test
  void aSaveFollowsWhatWasKnownWhenItWasBegun() throws Exception {
    for (int bytes : new int[] {13_000, 6_000}) {
      segment(bytes);
      load();
      archive();
    }
    segment(8_000);
    load();
    store.slow = true;
    assertThatThrownBy(this::archive).hasRootCauseInstanceOf(TimeoutException.class);
    store.slow = false;
    CompletableFuture<Void> gate = new CompletableFuture<>();
    store.gate = gate;
    CompletableFuture<Trimmed> archived =
        CompletableFuture.supplyAsync(() -> shard.archive(token), loop).thenCompose(done -> done);
    await().until(() -> store.gate != gate);
    store.save(store.late.getFirst()).join();
    later(() -> shard.document(DOCUMENT).read(2, 1, 1 << 20));
    gate.complete(null);
    assertThat(archived.get(10, TimeUnit.SECONDS)).isEqualTo(Trimmed.DONE);
    assertThat(store.answers).last().isEqualTo(new SnapshotStore.Changed());
    assertThat(readAll()).containsExactly(1L, 2L, 3L);
  }

  @Test
  void aStateOutlivesALateSaveOfTheStateBefore() throws Exception {
    segment(1_000, 1_000, 1_000);
    load();
    archive();
    DocumentArchive documents = new DocumentArchive(DOCUMENT, shard);
    later(() -> {
      documents.restore(store.load(SHARD, DOCUMENT).join().orElseThrow());
      return documents.putState(content(1));
    });
    store.slow = true;
    assertThatThrownBy(() -> later(() -> documents.putState(content(2))))
        .hasRootCauseInstanceOf(TimeoutException.class);
    store.slow = false;
    store.afterPieces = () -> store.save(store.late.getFirst()).join();
    assertThat(later(() -> documents.putState(content(3)))).isTrue();
    assertThat(store.answers).as("the late one came in between").contains(new Changed());
    assertThat(later(documents::state)).contains(content(3));
  }

  @Test
  void readingALostStateEnds() throws Exception {
    segment(1_000);
    load();
    archive();
    DocumentArchive documents = new DocumentArchive(DOCUMENT, shard);
    later(() -> {
      Stored stored = store.load(SHARD, DOCUMENT).join().orElseThrow();
      State lost = State.newBuilder().setSeq(1).setId("lost").setPieces(1).build();
      Save pointing =
          new Save(
              SHARD,
              epoch,
              stored.revision(),
              stored.snapshot().toBuilder().setState(lost).build(),
              List.of(),
              List.of());
      store.save(pointing).join();
      documents.restore(store.load(SHARD, DOCUMENT).join().orElseThrow());
      return CompletableFuture.completedFuture(null);
    });
    assertThatThrownBy(() -> later(documents::state))
        .hasRootCauseInstanceOf(IllegalStateException.class);
  }

  private static Content content(long seq) {
    return new Content(seq, ByteString.copyFromUtf8("state " + seq));
  }

  /** Ends with chunks [1] and [2] where [1, 2, 3] is stored. */
  private void mergeWithoutAnswer() throws Exception {
    for (int bytes : new int[] {13_000, 6_000}) {
      segment(bytes);
      load();
      archive();
    }
    segment(8_000);
    load();
    store.lossy = true;
    assertThatThrownBy(this::archive).hasRootCauseInstanceOf(TimeoutException.class);
    store.lossy = false;
    assertThat(store.chunk(DOCUMENT, 2).join()).as("merged into the one before").isEmpty();
  }

  private List<Chunk> chunks() {
    return store.load(SHARD, DOCUMENT).join().orElseThrow().snapshot().getChunksList();
  }

  /** Adds a segment of the document's next operations to the log. */
  private void segment(int... operationBytes) {
    OperationBatch.Builder batch =
        OperationBatch.newBuilder().setDocument(DOCUMENT).setEpoch(epoch).setFirstSeq(seq + 1);
    for (int bytes : operationBytes) {
      batch.addOperations(
          Operation.newBuilder()
              .setSeq(++seq)
              .setClientId("c")
              .setClientSeq(seq)
              .setData(ByteString.copyFrom(new byte[bytes])));
    }
    Segment segment = new Segment(++segments, List.of(batch.build()));
    log.append(List.of(new ShardAppend(SHARD, epoch, segment))).join();
  }

  /** As a successor: all that is in the log may be archived at once. */
  private void load() throws Exception {
    later(() -> {
      shard.load(log.read(Set.of(SHARD)).join().get(SHARD), store.load(SHARD).join());
      return CompletableFuture.completedFuture(null);
    });
  }

  private long tailSize() {
    return log.read(Set.of(SHARD)).join().get(SHARD).segments().size();
  }

  private Trimmed archive() throws Exception {
    return later(() -> shard.archive(token));
  }

  private List<Long> readAll() throws Exception {
    List<Long> found = new ArrayList<>();
    while (found.size() < seq) {
      later(() -> shard.document(DOCUMENT).read(found.size() + 1L, 10_000, 1 << 20))
          .forEach(operation -> found.add(operation.getSeq()));
    }
    return found;
  }

  private <T> T later(Supplier<CompletableFuture<T>> call) throws Exception {
    return CompletableFuture.supplyAsync(call, loop)
        .thenCompose(future -> future)
        .get(10, TimeUnit.SECONDS);
  }
}
