package io.aetherflow.statesync.archive;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.api.statesync.v1.DocumentSnapshot;
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
        DocumentSnapshot.newBuilder().setDocument(document).setArchivedSeq(last).build(),
        chunk(document, first, last),
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
