package io.aetherflow.statesync.log;

import io.aetherflow.runtime.etcd.Bytes;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * Deletes the entries that no shard's places point at, of living and of dead logs.
 *
 * <p>Places only move on under the epoch of their shard, so an entry below all of them is needed by
 * nobody. A log to which nothing points may come into use again at any moment, so of such a log
 * only entries that existed when the places were read are deleted: a claim begins above them.
 */
final class LogCollector {
  /** One delete is applied at once by etcd; larger ones would be felt by writers. */
  private static final int ENTRIES_PER_DELETE = 256;

  private static final GetOption PREFIX = GetOption.builder().isPrefix(true).build();

  private final Client client;
  private final Cmp lockHeld;

  LogCollector(Client client, Cmp lockHeld) {
    this.client = client;
    this.lockHeld = lockHeld;
  }

  /** Done with the revision at which it looked. */
  CompletableFuture<Long> collect() {
    return EtcdOpLog.bounded(
            client
                .getKVClient()
                .txn()
                .Then(
                    Op.get(Bytes.of(LogKeys.IDS), PREFIX), Op.get(Bytes.of(LogKeys.PLACES), PREFIX))
                .commit())
        .thenCompose(txn -> {
          Map<String, Long> firsts = firsts(txn);
          long revision = txn.getHeader().getRevision();
          CompletableFuture<Void> done = CompletableFuture.completedFuture(null);
          for (KeyValue id : txn.getGetResponses().getFirst().getKvs()) {
            String log = LogKeys.leaf(id.getKey());
            Long first = firsts.get(log);
            done =
                done.thenCompose(ok ->
                    first != null ? delete(log, LogKeys.entry(log, first)) : forget(id, revision));
          }
          return done.thenApply(ok -> revision);
        });
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

  private CompletableFuture<Void> forget(KeyValue id, long revision) {
    String log = LogKeys.leaf(id.getKey());
    GetOption last =
        GetOption.builder()
            .withRange(LogKeys.entriesEnd(log))
            .withRevision(revision)
            .withKeysOnly(true)
            .withSortField(GetOption.SortTarget.KEY)
            .withSortOrder(GetOption.SortOrder.DESCEND)
            .withLimit(1)
            .build();
    return EtcdOpLog.bounded(client.getKVClient().get(LogKeys.entry(log, 0), last))
        .thenCompose(found ->
            found.getKvs().isEmpty()
                ? deleteId(id)
                : delete(
                    log,
                    LogKeys.entry(
                        log, LogKeys.entryNumber(found.getKvs().getFirst().getKey()) + 1)));
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

  private CompletableFuture<Void> delete(String log, ByteSequence end) {
    GetOption keys =
        GetOption.builder().withRange(end).withKeysOnly(true).withLimit(ENTRIES_PER_DELETE).build();
    return EtcdOpLog.bounded(client.getKVClient().get(LogKeys.entry(log, 0), keys))
        .thenCompose(found -> {
          List<KeyValue> old = found.getKvs();
          if (old.isEmpty()) {
            return CompletableFuture.completedFuture(null);
          }
          ByteSequence upTo = LogKeys.entry(log, LogKeys.entryNumber(old.getLast().getKey()) + 1);
          return EtcdOpLog.bounded(
                  client
                      .getKVClient()
                      .txn()
                      .If(lockHeld)
                      .Then(
                          Op.delete(
                              LogKeys.entry(log, 0),
                              DeleteOption.builder().withRange(upTo).build()))
                      .commit())
              .thenCompose(txn ->
                  txn.isSucceeded() && found.isMore()
                      ? delete(log, end)
                      : CompletableFuture.completedFuture(null));
        });
  }
}
