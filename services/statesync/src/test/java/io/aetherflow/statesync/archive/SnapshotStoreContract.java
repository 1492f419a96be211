package io.aetherflow.statesync.archive;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.aetherflow.api.statesync.v1.DocumentSnapshot;
import io.aetherflow.api.statesync.v1.DocumentSnapshot.Chunk;
import io.aetherflow.api.statesync.v1.DocumentSnapshot.State;
import io.aetherflow.api.statesync.v1.Operation;
import io.aetherflow.api.statesync.v1.OperationBatch;
import io.aetherflow.statesync.archive.SnapshotStore.Changed;
import io.aetherflow.statesync.archive.SnapshotStore.Done;
import io.aetherflow.statesync.archive.SnapshotStore.Fenced;
import io.aetherflow.statesync.archive.SnapshotStore.Save;
import io.aetherflow.statesync.archive.SnapshotStore.Saved;
import io.aetherflow.statesync.archive.SnapshotStore.Stored;
import io.aetherflow.statesync.log.OpLog;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every archive promises. */
@Timeout(60)
abstract class SnapshotStoreContract {
  abstract OpLog log();

  abstract SnapshotStore store();

  @Test
  void whatIsSavedIsFound() {
    long epoch = claim(1, 0);
    claim(10, 0);
    for (String document : List.of("a", "b", "c", "d", "e", "f")) {
      store(save(1, epoch, 0, document, 1, 3, List.of()));
    }
    assertThat(store().load(1).join())
        .extracting(each -> each.snapshot().getDocument())
        .containsExactly("a", "b", "c", "d", "e", "f");
    assertThat(store().load(1, "b").join().orElseThrow().snapshot().getDocument()).isEqualTo("b");
    assertThat(store().load(1, "g").join()).isEmpty();
    assertThat(store().load(10).join()).as("a neighbour's").isEmpty();
    assertThat(store().chunk("a", 1).join()).contains(chunk("a", 1, 3));
    assertThat(store().chunk("a", 2).join()).isEmpty();
  }

  @Test
  void aMergedChunkReplacesThoseItIsMadeOf() {
    long epoch = claim(1, 0);
    long first = store(save(1, epoch, 0, "a", 1, 3, List.of()));
    long second = store(save(1, epoch, first, "a", 4, 5, List.of()));
    store(save(1, epoch, second, "a", 1, 7, List.of(4L)));
    assertThat(store().chunk("a", 1).join()).contains(chunk("a", 1, 7));
    assertThat(store().chunk("a", 4).join()).isEmpty();
    assertThat(store().load(1).join()).singleElement();
  }

  @Test
  void aSaveMayHaveSeveralChunks() {
    long epoch = claim(1, 0);
    Save one = save(1, epoch, 0, "a", 1, 3, List.of());
    long first = store(one);
    List<OperationBatch> two = List.of(chunk("a", 1, 5), chunk("a", 6, 9));
    long second = store(new Save(1, epoch, first, one.snapshot(), two, List.of()));
    assertThat(store().chunk("a", 1).join()).contains(chunk("a", 1, 5));
    assertThat(store().chunk("a", 6).join()).contains(chunk("a", 6, 9));
    Save late = new Save(1, epoch, first, one.snapshot(), List.of(chunk("a", 1, 7)), List.of(6L));
    assertThat(store().save(late).join()).isEqualTo(new Changed());
    store(new Save(1, epoch, second, one.snapshot(), List.of(chunk("a", 1, 9)), List.of(6L)));
    assertThat(store().chunk("a", 1).join()).contains(chunk("a", 1, 9));
    assertThat(store().chunk("a", 6).join()).isEmpty();
  }

  @Test
  void aDeposedOwnerSavesNothing() {
    long first = claim(1, 0);
    long revision = store(save(1, first, 0, "a", 1, 3, List.of()));
    claim(1, first);
    assertThat(store().save(save(1, first, revision, "a", 1, 9, List.of())).join())
        .isEqualTo(new Fenced());
    assertThat(store().chunk("a", 1).join()).contains(chunk("a", 1, 3));
    assertThat(store().load(1).join().getFirst().snapshot().getArchivedSeq()).isEqualTo(3);
  }

  @Test
  void aSaveChangesNothingWhenAnotherCameBefore() {
    long epoch = claim(1, 0);
    Save early = save(1, epoch, 0, "a", 1, 3, List.of());
    long first = store(save(1, epoch, 0, "a", 1, 5, List.of()));
    assertThat(store().save(early).join()).as("late").isEqualTo(new Changed());
    Save merge = save(1, epoch, first, "a", 1, 9, List.of());
    long second = store(merge);
    assertThat(store().save(merge).join()).as("repeated").isEqualTo(new Changed());
    assertThat(store().save(early).join()).as("late").isEqualTo(new Changed());
    assertThat(store().chunk("a", 1).join()).contains(chunk("a", 1, 9));
    assertThat(store().load(1, "a").join()).contains(new Stored(merge.snapshot(), second));
    assertThat(store().load(1).join()).containsExactly(new Stored(merge.snapshot(), second));
  }

  @Test
  void aSaveTakesAwayTheChunksBeforeItsFirst() {
    long epoch = claim(1, 0);
    long revision = 0;
    for (long first : List.of(1L, 4L, 7L)) {
      revision = store(save(1, epoch, revision, "a", first, first + 2, List.of()));
    }
    store(save(1, epoch, 0, "aa", 1, 2, List.of()));
    DocumentSnapshot trimmed =
        store().load(1, "a").join().orElseThrow().snapshot().toBuilder()
            .setChunks(0, Chunk.newBuilder().setFirstSeq(7))
            .build();
    store(new Save(1, epoch, revision, trimmed, List.of(), List.of()));
    assertThat(store().chunk("a", 1).join()).isEmpty();
    assertThat(store().chunk("a", 4).join()).isEmpty();
    assertThat(store().chunk("a", 7).join()).contains(chunk("a", 7, 9));
    assertThat(store().chunk("aa", 1).join()).as("a neighbour's").isPresent();
  }

  @Test
  void aStateIsKeptInPiecesUntilALaterOneIsSaved() {
    long epoch = claim(1, 0);
    State first = state("0a-1", 3);
    State orphan = state("0a-2", 1);
    State second = state("0b-1", 1);
    ByteString large = ByteString.copyFrom(new byte[2 * SnapshotStore.STATE_PIECE_BYTES + 1]);
    store().putState("a", first, large).join();
    store().putState("a", orphan, ByteString.copyFromUtf8("orphan")).join();
    store().putState("aa", orphan, ByteString.copyFromUtf8("other")).join();
    long revision = store(stateOnly(epoch, 0, first));
    assertThat(store().state("a", first).join()).contains(large);
    assertThat(store().state("a", orphan).join()).isEmpty();
    store().putState("a", second, ByteString.copyFromUtf8("later")).join();
    store(stateOnly(epoch, revision, second));
    assertThat(store().state("a", first).join()).isEmpty();
    assertThat(store().state("a", second).join()).contains(ByteString.copyFromUtf8("later"));
    assertThat(store().state("aa", orphan).join()).as("a neighbour's").isPresent();
  }

  @Test
  void aChunkSavedBetweenAStatesPiecesAndItsSaveTakesNoneOfThem() {
    long epoch = claim(1, 0);
    State first = state("0a-1", 1);
    State second = state("0b-1", 2);
    ByteString large = ByteString.copyFrom(new byte[SnapshotStore.STATE_PIECE_BYTES + 1]);
    store().putState("a", first, ByteString.copyFromUtf8("first")).join();
    long revision = store(stateOnly(epoch, 0, first));
    store().putState("a", second, large).join();
    Save chunk = save(1, epoch, revision, "a", 1, 3, List.of());
    DocumentSnapshot named = chunk.snapshot().toBuilder().setState(first).build();
    revision = store(new Save(1, epoch, revision, named, chunk.chunks(), List.of()));
    assertThat(store().state("a", first).join()).contains(ByteString.copyFromUtf8("first"));
    assertThat(store().state("a", second).join()).contains(large);
    store(stateOnly(epoch, revision, second));
    assertThat(store().state("a", first).join()).isEmpty();
    assertThat(store().state("a", second).join()).contains(large);
  }

  private static State state(String id, int pieces) {
    return State.newBuilder().setSeq(1).setId(id).setPieces(pieces).build();
  }

  private static Save stateOnly(long epoch, long seenRevision, State state) {
    return new Save(
        1,
        epoch,
        seenRevision,
        DocumentSnapshot.newBuilder().setDocument("a").setState(state).build(),
        List.of(),
        List.of());
  }

  private long store(Save save) {
    Saved saved = store().save(save).join();
    Stored stored = store().load(save.shard(), save.snapshot().getDocument()).join().orElseThrow();
    assertThat(stored.snapshot()).isEqualTo(save.snapshot());
    assertThat(saved).isEqualTo(new Done(stored));
    return stored.revision();
  }

  private long claim(int shard, long seen) {
    return log().claim(Map.of(shard, seen), "s-0").join().get(shard);
  }

  private static Save save(
      int shard,
      long epoch,
      long seenRevision,
      String document,
      long first,
      long last,
      List<Long> dropped) {
    return new Save(
        shard,
        epoch,
        seenRevision,
        DocumentSnapshot.newBuilder()
            .setDocument(document)
            .setArchivedSeq(last)
            .addChunks(Chunk.newBuilder().setFirstSeq(1))
            .build(),
        List.of(chunk(document, first, last)),
        dropped);
  }

  private static OperationBatch chunk(String document, long first, long last) {
    return OperationBatch.newBuilder()
        .setDocument(document)
        .setFirstSeq(first)
        .addAllOperations(
            LongStream.rangeClosed(first, last)
                .mapToObj(seq -> Operation.newBuilder().setSeq(seq).build())
                .toList())
        .build();
  }
}
