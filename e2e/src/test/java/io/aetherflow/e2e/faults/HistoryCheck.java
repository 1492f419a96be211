package io.aetherflow.e2e.faults;

import io.aetherflow.e2e.collab.Op;
import io.aetherflow.e2e.faults.StoredLog.OwnerChange;
import io.aetherflow.e2e.faults.StoredLog.Part;
import io.aetherflow.e2e.faults.StoredLog.Stored;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Judges a whole history against the promise: every acknowledged operation is present exactly once
 * and where it was acknowledged, sequence numbers have no hole, all clients saw one order, and no
 * stale owner's write was accepted. Pure.
 */
final class HistoryCheck {
  private final List<String> violations = new ArrayList<>();

  private HistoryCheck() {}

  /**
   * What one client was told.
   *
   * @param ops in the order of their delivery
   * @param acked the place of each acknowledged operation, by its data
   */
  record ClientView(String name, String document, List<Op> ops, Map<String, Long> acked) {}

  /**
   * @param replays each document as a client reads it from its first operation after everything
   * @return what is wrong, one sentence each; empty for a good history
   */
  static List<String> violations(
      List<ClientView> clients, Map<String, List<Op>> replays, StoredLog stored) {
    HistoryCheck check = new HistoryCheck();
    replays.forEach(check::replay);
    for (ClientView client : clients) {
      List<Op> replay = replays.getOrDefault(client.document(), List.of());
      check.acknowledged(client, replay);
      check.order(client, replay);
    }
    check.stored(replays, stored);
    check.staleWrites(stored);
    return check.violations;
  }

  private void replay(String document, List<Op> ops) {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < ops.size(); i++) {
      Op op = ops.get(i);
      require(op.seq() == i + 1, "%s has %s where seq %d belongs", document, op, i + 1);
      require(seen.add(op.data()), "%s has %s twice, again at %d", document, op.data(), op.seq());
    }
  }

  private void acknowledged(ClientView client, List<Op> replay) {
    client
        .acked()
        .forEach((data, seq) ->
            require(
                seq >= 1 && seq <= replay.size() && replay.get((int) (seq - 1)).data().equals(data),
                "%s: %s was acknowledged at %d of %s and is not there",
                client.name(),
                data,
                seq,
                client.document()));
  }

  private void order(ClientView client, List<Op> replay) {
    for (int i = 0; i < client.ops().size(); i++) {
      if (i >= replay.size() || !replay.get(i).equals(client.ops().get(i))) {
        violations.add(
            "%s saw %s as number %d of %s, the log has %s"
                .formatted(
                    client.name(),
                    client.ops().get(i),
                    i + 1,
                    client.document(),
                    i < replay.size() ? replay.get(i) : "nothing"));
        return;
      }
    }
  }

  /** What clients read is what appends wrote, and each place was written once. */
  private void stored(Map<String, List<Op>> replays, StoredLog stored) {
    Map<String, TreeMap<Long, Op>> byDocument = new HashMap<>();
    for (Part part : stored.parts()) {
      for (Stored each : part.operations()) {
        Op before =
            byDocument
                .computeIfAbsent(each.document(), key -> new TreeMap<>())
                .putIfAbsent(each.op().seq(), each.op());
        require(
            before == null,
            "revision %d stored %s of %s where %s is",
            part.revision(),
            each.op(),
            each.document(),
            before);
      }
    }
    replays.forEach((document, ops) ->
        require(
            List.copyOf(byDocument.getOrDefault(document, new TreeMap<>()).values()).equals(ops),
            "%s reads otherwise than its appends were stored",
            document));
  }

  private void staleWrites(StoredLog stored) {
    Map<Integer, Long> epochs = new HashMap<>();
    Map<Integer, Long> numbers = new HashMap<>();
    List<OwnerChange> changes = new ArrayList<>(stored.ownerChanges());
    changes.sort(Comparator.comparingLong(OwnerChange::revision));
    int next = 0;
    for (Part part : stored.parts()) {
      while (next < changes.size() && changes.get(next).revision() < part.revision()) {
        OwnerChange change = changes.get(next++);
        epochs.put(change.shard(), change.owner().isPresent() ? change.revision() : 0);
      }
      require(
          epochs.getOrDefault(part.shard(), 0L) == part.epoch(),
          "revision %d has a write to shard %d under epoch %d, which was stale: the epoch was %d",
          part.revision(),
          part.shard(),
          part.epoch(),
          epochs.getOrDefault(part.shard(), 0L));
      Long before = numbers.put(part.shard(), part.number());
      require(
          before == null || part.number() == before + 1,
          "shard %d has part %d after part %d",
          part.shard(),
          part.number(),
          before);
    }
  }

  private void require(boolean holds, String sentence, Object... values) {
    if (!holds) {
      violations.add(sentence.formatted(values));
    }
  }
}
