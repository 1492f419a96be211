package io.aetherflow.gateway.yjs;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.gateway.yjs.YjsUpdate.Range;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CoverageTest {
  private record Clock(long client, long clock) {}

  /** Against the clocks one by one. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void itKnowsExactlyWhatWasAdded(long seed) {
    Random random = new Random(seed);
    RangeSet ranges = new RangeSet();
    Set<Clock> clocks = new HashSet<>();
    for (int i = 0; i < 3 * RangeSet.GATHERED_MAX; i++) {
      Range added = range(random);
      ranges.add(added);
      clocks(added).forEach(clocks::add);
      if (random.nextInt(50) == 0) {
        Range asked = range(random);
        assertThat(ranges.covers(asked))
            .as("seed %d, step %d, %s", seed, i, asked)
            .isEqualTo(clocks(asked).stream().allMatch(clocks::contains));
      }
    }
    Set<Clock> told = new HashSet<>();
    ranges.forEach(each -> told.addAll(clocks(each)));
    assertThat(told).as("seed %d", seed).isEqualTo(clocks);
    assertThat(ranges.mergedSize()).as("none touch").isLessThan(clocks.size());
  }

  private static Range range(Random random) {
    long from = random.nextInt(20_000);
    return new Range(random.nextInt(3), from, from + random.nextInt(4));
  }

  private static List<Clock> clocks(Range range) {
    return LongStream.range(range.from(), range.to())
        .mapToObj(clock -> new Clock(range.client(), clock))
        .toList();
  }

  @Test
  void theVectorTellsWhatIsKnownFromTheStartOnly() {
    Coverage coverage = new Coverage();
    coverage.add(
        new YjsUpdate(
            List.of(new Range(1, 0, 3), new Range(1, 3, 5), new Range(2, 4, 6)),
            List.of(new Range(3, 0, 1))));
    assertThat(coverage.vector()).containsExactly(1, 1, 5);
  }

  @Test
  void oneContainsTheOtherOrNot() {
    Coverage whole = of(List.of(new Range(1, 0, 9)), List.of(new Range(1, 2, 4)));
    Coverage part = of(List.of(new Range(1, 0, 9)), List.of(new Range(1, 3, 4)));
    assertThat(whole.covers(part)).isTrue();
    assertThat(part.covers(whole)).isFalse();
    assertThat(whole.covers(of(List.of(new Range(1, 8, 10)), List.of()))).isFalse();
  }

  /** Deletions that a hostile writer scattered, in an order that helps nobody. */
  @Test
  @Timeout(20)
  void aboveTheBoundNothingIsKnownAndEverythingIsAskedFor() {
    Coverage coverage = of(List.of(new Range(1, 0, 9)), List.of());
    YjsUpdate known = new YjsUpdate(List.of(new Range(1, 0, 9)), List.of());
    for (long i = 0; i < Coverage.RANGES_MAX / 2; i++) {
      coverage.add(scattered(i));
    }
    assertThat(coverage.covers(known)).isTrue();
    assertThat(coverage.vector()).containsExactly(1, 1, 9);
    for (long i = Coverage.RANGES_MAX / 2;
        i < Coverage.RANGES_MAX + 2L * RangeSet.GATHERED_MAX;
        i++) {
      coverage.add(scattered(i));
    }
    assertThat(coverage.covers(known)).isFalse();
    assertThat(coverage.vector()).containsExactly(0);
  }

  /** All different, for the factor is odd. */
  private static YjsUpdate scattered(long number) {
    long at = 2 * (number * 1_000_003 & (1 << 20) - 1);
    return new YjsUpdate(List.of(), List.of(new Range(2, at, at + 1)));
  }

  private static Coverage of(List<Range> structs, List<Range> deletions) {
    Coverage coverage = new Coverage();
    coverage.add(new YjsUpdate(structs, deletions));
    return coverage;
  }
}
