package io.aetherflow.statesync.log;

import io.aetherflow.runtime.etcd.Bytes;
import io.aetherflow.statesync.log.OpLog.Collected;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Deletes the entries that no shard's places point at, of living and of dead logs.
 *
 * <p>Places only move on under the epoch of their shard, so an entry below all of them is needed by
 * nobody. A log to which nothing points may come into use again at any moment, so of such a log
 * only entries that existed when the places were read are deleted: a claim begins above them.
 */
final class LogCollector {
  /**
   * When etcd frees the history of a delete it stops for as long as its entries are many and large;
   * few of them are felt by no writer.
   */
  private static final int ENTRIES_PER_DELETE_MIN = 16;

  /** So many deletes at most, however much there is, for each is followed by a rest. */
  private static final int DELETES_MAX = 32;

  /** Of one log in one collection; what is left goes with the next. */
  private static final int ENTRIES_MAX = 16_384;

  private static final GetOption PREFIX = GetOption.builder().isPrefix(true).build();

  /** The entries of a log from its first to one before the end. */
  private record Part(ByteSequence first, ByteSequence end) {}

  /** Whether there was more of a log than is collected at once. */
  private record Unneeded(List<Part> parts, boolean more) {}

  private final Client client;
  private final Cmp lockHeld;

  LogCollector(Client client, Cmp lockHeld) {
    this.client = client;
    this.lockHeld = lockHeld;
  }

  /**
   * @param rest comes between two deletes; false leaves what is left to the next collection
   */
  CompletableFuture<Collected> collect(Supplier<CompletableFuture<Boolean>> rest) {
    return EtcdOpLog.bounded(
            client
                .getKVClient()
                .txn()
                .Then(
                    Op.get(Bytes.of(LogKeys.IDS), PREFIX), Op.get(Bytes.of(LogKeys.PLACES), PREFIX))
                .commit())
        .thenCompose(txn -> {
          long revision = txn.getHeader().getRevision();
          return unneeded(txn)
              .thenCompose(unneeded ->
                  delete(unneeded.parts().iterator(), rest)
                      .thenApply(all -> new Collected(revision, all && !unneeded.more())));
        });
  }

  private CompletableFuture<Unneeded> unneeded(TxnResponse txn) {
    Map<String, Long> firsts = firsts(txn);
    long revision = txn.getHeader().getRevision();
    Map<String, List<KeyValue>> unneeded = new TreeMap<>();
    CompletableFuture<Void> found = CompletableFuture.completedFuture(null);
    for (KeyValue id : txn.getGetResponses().getFirst().getKvs()) {
      String log = LogKeys.leaf(id.getKey());
      Long first = firsts.get(log);
      ByteSequence end = first != null ? LogKeys.entry(log, first) : LogKeys.entriesEnd(log);
      found =
          found
              .thenCompose(ok -> entries(log, end, revision))
              .thenCompose(entries -> {
                unneeded.put(log, entries);
                return first == null && entries.isEmpty()
                    ? deleteId(id)
                    : CompletableFuture.completedFuture(null);
              });
    }
    return found.thenApply(ok ->
        new Unneeded(
            parts(unneeded),
            unneeded.values().stream().anyMatch(entries -> entries.size() == ENTRIES_MAX)));
  }

  private static Map<String, Long> firsts(TxnResponse txn) {
    Map<String, Long> firsts = new TreeMap<>();
    for (KeyValue kv : txn.getGetResponses().getLast().getKvs()) {
      String leaf = LogKeys.leaf(kv.getKey());
      if (!leaf.equals(LogKeys.TRIMMED)) {
        firsts.merge(
            leaf.substring(0, leaf.indexOf('.')),
            Long.parseLong(Bytes.text(kv.getValue())),
            Math::min);
      }
    }
    return firsts;
  }

  private CompletableFuture<List<KeyValue>> entries(String log, ByteSequence end, long revision) {
    GetOption keys =
        GetOption.builder()
            .withRange(end)
            .withRevision(revision)
            .withKeysOnly(true)
            .withLimit(ENTRIES_MAX)
            .build();
    return EtcdOpLog.bounded(client.getKVClient().get(LogKeys.entry(log, 0), keys))
        .thenApply(GetResponse::getKvs);
  }

  private static List<Part> parts(Map<String, List<KeyValue>> unneeded) {
    int total = unneeded.values().stream().mapToInt(List::size).sum();
    int each = Math.max(ENTRIES_PER_DELETE_MIN, Math.ceilDiv(total, DELETES_MAX));
    List<Part> parts = new ArrayList<>();
    unneeded.forEach((log, entries) -> {
      for (int from = 0; from < entries.size(); from += each) {
        KeyValue last = entries.get(Math.min(from + each, entries.size()) - 1);
        parts.add(
            new Part(
                entries.get(from).getKey(),
                LogKeys.entry(log, LogKeys.entryNumber(last.getKey()) + 1)));
      }
    });
    return parts;
  }

  /** Whether all of it was deleted. */
  private CompletableFuture<Boolean> delete(
      Iterator<Part> parts, Supplier<CompletableFuture<Boolean>> rest) {
    if (!parts.hasNext()) {
      return CompletableFuture.completedFuture(true);
    }
    Part part = parts.next();
    return EtcdOpLog.bounded(
            client
                .getKVClient()
                .txn()
                .If(lockHeld)
                .Then(Op.delete(part.first(), DeleteOption.builder().withRange(part.end()).build()))
                .commit())
        .thenCompose(txn -> {
          if (!txn.isSucceeded() || !parts.hasNext()) {
            return CompletableFuture.completedFuture(txn.isSucceeded());
          }
          return rest.get()
              .thenCompose(
                  goOn -> goOn ? delete(parts, rest) : CompletableFuture.completedFuture(false));
        });
  }

  /** Unless a claim has written the id since: that log is in use again. */
  CompletableFuture<Void> deleteId(KeyValue id) {
    Cmp unused = new Cmp(id.getKey(), Cmp.Op.EQUAL, CmpTarget.modRevision(id.getModRevision()));
    return EtcdOpLog.bounded(
            client
                .getKVClient()
                .txn()
                .If(lockHeld, unused)
                .Then(Op.delete(id.getKey(), DeleteOption.DEFAULT))
                .commit())
        .thenApply(done -> null);
  }
}
