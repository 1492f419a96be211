package io.aetherflow.statesync.shard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ShardsTest {
  private static final int PINNED_SHARD_OF_DEMO = 249;

  @Test
  void aDocumentNeverMoves() {
    assertThat(Shards.of("demo")).as("part of the key layout").isEqualTo(PINNED_SHARD_OF_DEMO);
  }

  @Test
  void documentsSpreadOverAllShards() {
    Map<Integer, Long> perShard =
        IntStream.range(0, 25_600)
            .mapToObj(i -> "document-" + i)
            .collect(Collectors.groupingBy(Shards::of, Collectors.counting()));
    assertThat(perShard).hasSize(Shards.COUNT);
    assertThat(perShard.values()).allSatisfy(count -> assertThat(count).isBetween(50L, 160L));
  }

  @Test
  void aMemberThatGoesMovesOnlyItsOwnShards() {
    List<String> three = List.of("s-0", "s-1", "s-2");
    List<String> two = List.of("s-0", "s-2");
    Set<Integer> moved = new HashSet<>();
    int ofTheLost = 0;
    for (int shard = 0; shard < Shards.COUNT; shard++) {
      String before = Shards.proposedOwner(shard, three).orElseThrow();
      String after = Shards.proposedOwner(shard, two).orElseThrow();
      if (before.equals("s-1")) {
        ofTheLost++;
      } else if (!before.equals(after)) {
        moved.add(shard);
      }
    }
    assertThat(moved).isEmpty();
    assertThat(ofTheLost).isBetween(50, 130);
  }

  @Test
  void nobodyOwnsAShardWhenNobodyLives() {
    assertThat(Shards.proposedOwner(3, List.of())).isEmpty();
  }
}
