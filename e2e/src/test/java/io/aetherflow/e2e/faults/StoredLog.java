package io.aetherflow.e2e.faults;

import io.aetherflow.e2e.collab.Op;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Everything etcd was told about ownership and operations, in the order of its revisions. Not
 * thread-safe.
 */
final class StoredLog {
  /** A change of {@code /owners/<shard>}; without a name it was deleted. */
  record OwnerChange(long revision, int shard, Optional<String> owner) {}

  /** One shard's part of an append: what its writer believed to be the epoch, and what it wrote. */
  record Part(long revision, int shard, long epoch, long number, List<Stored> operations) {}

  /** An operation at its place in a document. */
  record Stored(String document, Op op) {}

  private final TreeMap<Long, List<OwnerChange>> owners = new TreeMap<>();
  private final TreeMap<Long, List<Part>> parts = new TreeMap<>();

  void add(OwnerChange change) {
    List<OwnerChange> same = owners.computeIfAbsent(change.revision(), key -> new ArrayList<>());
    if (!same.contains(change)) {
      same.add(change);
    }
  }

  /** All of one append. A second watcher tells the same again. */
  void add(long revision, List<Part> all) {
    parts.putIfAbsent(revision, all);
  }

  /** In order. */
  List<OwnerChange> ownerChanges() {
    return owners.values().stream().flatMap(List::stream).toList();
  }

  /** Whether each append's epoch is the revision of a change of its owner key. */
  boolean knowsAllEpochs() {
    return parts().stream()
        .allMatch(part ->
            owners.getOrDefault(part.epoch(), List.of()).stream()
                .anyMatch(change -> change.shard() == part.shard()));
  }

  /** In order. */
  List<Part> parts() {
    return parts.values().stream().flatMap(List::stream).toList();
  }
}
