package io.aetherflow.e2e.faults;

import io.aetherflow.e2e.collab.Timing;
import io.aetherflow.e2e.faults.Fault.Target;
import io.aetherflow.e2e.faults.FaultInjector.Hit;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/**
 * What the faults cost the users, from when each operation was handed to its client to its
 * acknowledgement; an operation without one counts with the end of the run.
 */
final class Availability {
  private static final long PROMPT_NS = TimeUnit.SECONDS.toNanos(1);

  private final Map<String, List<Timing>> byDocument = new HashMap<>();

  /**
   * @param byDocument all operations of each document, of all its clients
   */
  Availability(Map<String, ? extends Collection<Timing>> byDocument) {
    byDocument.forEach((document, timings) ->
        this.byDocument.put(
            document,
            timings.stream().sorted(Comparator.comparingLong(Timing::writtenNs)).toList()));
  }

  /** Share of all operations acknowledged within a second. */
  double promptShare() {
    long all = byDocument.values().stream().mapToLong(List::size).sum();
    long prompt =
        byDocument.values().stream()
            .flatMap(List::stream)
            .filter(each -> each.isAcked() && each.ackedNs() - each.writtenNs() <= PROMPT_NS)
            .count();
    return (double) prompt / all;
  }

  /** Of all acknowledged operations. */
  Duration latency(double quantile) {
    return quantile(
        byDocument.values().stream()
            .flatMap(List::stream)
            .filter(Timing::isAcked)
            .mapToLong(each -> each.ackedNs() - each.writtenNs())
            .toArray(),
        quantile);
  }

  /**
   * From each fault to the first acknowledgement of an operation written after it, per document
   * that it concerns.
   *
   * @param shardOf where each document lives
   * @param leader whether of faults of etcd's leader, else of owners
   */
  long[] failoversNs(List<Hit> hits, Map<String, Integer> shardOf, boolean leader) {
    return hits.stream()
        .filter(hit -> leader ? hit.leader() : hit.fault().target() == Target.OWNER)
        .flatMapToLong(hit ->
            byDocument.entrySet().stream()
                .filter(document -> leader || hit.shards().contains(shardOf.get(document.getKey())))
                .map(document -> failoverNs(document.getValue(), hit.atNs()))
                .filter(OptionalLong::isPresent)
                .mapToLong(OptionalLong::getAsLong))
        .sorted()
        .toArray();
  }

  private static OptionalLong failoverNs(List<Timing> timings, long atNs) {
    return timings.stream()
        .filter(each -> each.writtenNs() >= atNs && each.isAcked())
        .mapToLong(each -> each.ackedNs() - atNs)
        .min();
  }

  static Duration quantile(long[] nanos, double quantile) {
    if (nanos.length == 0) {
      return Duration.ZERO;
    }
    long[] sorted = nanos.clone();
    Arrays.sort(sorted);
    int index = (int) Math.ceil(quantile * sorted.length) - 1;
    return Duration.ofNanos(sorted[Math.max(0, index)]);
  }
}
