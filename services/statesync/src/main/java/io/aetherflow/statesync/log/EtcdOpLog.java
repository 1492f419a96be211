package io.aetherflow.statesync.log;

import io.aetherflow.api.EtcdKeys;
import io.aetherflow.runtime.etcd.Bytes;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The log in etcd: {@code /shards/<shard>/log/<number>}, guarded by {@code /shards/<shard>/owner}.
 *
 * <p>The mod revision of the owner key is the epoch. An append is one transaction that compares the
 * epochs of all its shards, so a deposed owner cannot write even if it does not know yet. The owner
 * key carries the claimant's lease: it vanishes with its owner.
 */
public final class EtcdOpLog implements OpLog {
  /** A majority that takes longer is in trouble; the caller repeats the append. */
  private static final long CALL_TIMEOUT_MILLIS = 5_000;

  private static final int KEY_HEX_DIGITS = 16;

  private final Client client;
  private final LongSupplier lease;

  /**
   * @param lease the lease to hold owner keys under
   */
  public EtcdOpLog(Client client, LongSupplier lease) {
    this.client = client;
    this.lease = lease;
  }

  @Override
  public CompletableFuture<Long> claim(int shard, String owner) {
    PutOption held = PutOption.builder().withLeaseId(lease.getAsLong()).build();
    return bounded(kv().put(ownerKey(shard), Bytes.of(owner), held))
        .thenApply(put -> put.getHeader().getRevision());
  }

  @Override
  public CompletableFuture<Appended> append(List<ShardAppend> appends) {
    if (appends.size() > SHARDS_PER_APPEND_MAX) {
      throw new IllegalArgumentException("one append takes " + SHARDS_PER_APPEND_MAX + " shards");
    }
    Cmp[] epochs =
        appends.stream()
            .map(a -> new Cmp(ownerKey(a.shard()), Cmp.Op.EQUAL, CmpTarget.modRevision(a.epoch())))
            .toArray(Cmp[]::new);
    Op[] puts = appends.stream().map(EtcdOpLog::put).toArray(Op[]::new);
    Op[] owners =
        appends.stream()
            .map(a -> Op.get(ownerKey(a.shard()), GetOption.DEFAULT))
            .toArray(Op[]::new);
    return bounded(kv().txn().If(epochs).Then(puts).Else(owners).commit())
        .thenApply(txn -> txn.isSucceeded() ? new Committed() : new Fenced(outdated(txn, appends)));
  }

  @Override
  public CompletableFuture<List<Segment>> read(int shard, long fromNumber) {
    ByteSequence end = Bytes.of(logPrefix(shard).substring(0, logPrefix(shard).length() - 1) + "0");
    GetOption range = GetOption.builder().withRange(end).build();
    return bounded(kv().get(segmentKey(shard, fromNumber), range)).thenApply(EtcdOpLog::segments);
  }

  private static Set<Integer> outdated(TxnResponse txn, List<ShardAppend> appends) {
    Set<Integer> outdated = new TreeSet<>();
    for (int i = 0; i < appends.size(); i++) {
      List<KeyValue> owner = txn.getGetResponses().get(i).getKvs();
      if (owner.isEmpty() || owner.getFirst().getModRevision() != appends.get(i).epoch()) {
        outdated.add(appends.get(i).shard());
      }
    }
    return outdated;
  }

  private static Op put(ShardAppend append) {
    return Op.put(
        segmentKey(append.shard(), append.segment().number()),
        ByteSequence.from(append.segment().encode().toByteArray()),
        PutOption.DEFAULT);
  }

  private static List<Segment> segments(GetResponse response) {
    List<Segment> segments = new ArrayList<>();
    for (KeyValue kv : response.getKvs()) {
      String key = Bytes.text(kv.getKey());
      long number = Long.parseUnsignedLong(key.substring(key.length() - KEY_HEX_DIGITS), 16);
      try {
        segments.add(Segment.decode(number, kv.getValue().getBytes()));
      } catch (IOException e) {
        throw new UncheckedIOException("the log segment at " + key + " cannot be read", e);
      }
    }
    return segments;
  }

  private KV kv() {
    return client.getKVClient();
  }

  private static <T> CompletableFuture<T> bounded(CompletableFuture<T> call) {
    return call.orTimeout(CALL_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
  }

  private static ByteSequence ownerKey(int shard) {
    return Bytes.of(EtcdKeys.SHARDS + shard + "/owner");
  }

  private static String logPrefix(int shard) {
    return EtcdKeys.SHARDS + shard + "/log/";
  }

  private static ByteSequence segmentKey(int shard, long number) {
    return Bytes.of(logPrefix(shard) + "%016x".formatted(number));
  }
}
