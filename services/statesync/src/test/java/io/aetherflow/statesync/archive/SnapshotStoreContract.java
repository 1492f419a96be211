package io.aetherflow.statesync.archive;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.api.statesync.v1.DocumentSnapshot;
import io.aetherflow.api.statesync.v1.Operation;
import io.aetherflow.api.statesync.v1.OperationBatch;
import io.aetherflow.statesync.archive.SnapshotStore.Save;
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
      assertThat(store().save(save(1, epoch, document, 1, 3, List.of())).join()).isTrue();
    }
    assertThat(store().load(1).join())
        .extracting(DocumentSnapshot::getDocument)
        .containsExactly("a", "b", "c", "d", "e", "f");
    assertThat(store().load(1, "b").join().orElseThrow().getDocument()).isEqualTo("b");
    assertThat(store().load(1, "g").join()).isEmpty();
    assertThat(store().load(10).join()).as("a neighbour's").isEmpty();
    assertThat(store().chunk("a", 1).join()).contains(chunk("a", 1, 3));
    assertThat(store().chunk("a", 2).join()).isEmpty();
  }

  @Test
  void aMergedChunkReplacesThoseItIsMadeOf() {
    long epoch = claim(1, 0);
    store().save(save(1, epoch, "a", 1, 3, List.of())).join();
    store().save(save(1, epoch, "a", 4, 5, List.of())).join();
    assertThat(store().save(save(1, epoch, "a", 1, 7, List.of(4L))).join()).isTrue();
    assertThat(store().chunk("a", 1).join()).contains(chunk("a", 1, 7));
    assertThat(store().chunk("a", 4).join()).isEmpty();
    assertThat(store().load(1).join()).singleElement();
  }

  @Test
  void aDeposedOwnerSavesNothing() {
    long first = claim(1, 0);
    store().save(save(1, first, "a", 1, 3, List.of())).join();
    claim(1, first);
    assertThat(store().save(save(1, first, "a", 1, 9, List.of())).join()).isFalse();
    assertThat(store().chunk("a", 1).join()).contains(chunk("a", 1, 3));
    assertThat(store().load(1).join().getFirst().getArchivedSeq()).isEqualTo(3);
  }

  private long claim(int shard, long seen) {
    return log().claim(Map.of(shard, seen), "s-0").join().get(shard);
  }

  private static Save save(
      int shard, long epoch, String document, long first, long last, List<Long> dropped) {
    return new Save(
        shard,
        epoch,
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
