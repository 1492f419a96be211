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
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import io.grpc.Status;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * The log in etcd: {@code /shards/<shard>/log/<number>}, guarded by {@code /owners/<shard>}.
 *
 * <p>The mod revision of the owner key is the epoch. An append is one transaction that compares the
 * epochs of all its shards and that its segments are new, so a deposed owner cannot write even if
 * it does not know yet. Where a comparison fails, the transaction reads what is there instead: a
 * segment with the very bytes of this append was stored by an earlier attempt.
 */
public final class EtcdOpLog implements OpLog {
  /** A majority that takes longer is in trouble; the caller repeats the append. */
  private static final long CALL_TIMEOUT_MILLIS = 2_000;

  /** Enough segments for one read as long as they are small, as they mostly are. */
  private static final int PAGE_SEGMENTS = 64;

  /** As many of the largest segments as fit the 4 MiB of one answer. */
  private static final int PAGE_SEGMENTS_SAFE = 3;

  private static final int KEY_HEX_DIGITS = 16;

  private final Client client;

  public EtcdOpLog(Client client) {
    this.client = client;
  }

  @Override
  public CompletableFuture<OptionalLong> claim(int shard, String owner, long seenEpoch) {
    return bounded(
            kv().txn()
                .If(ownedUnder(shard, seenEpoch))
                .Then(Op.put(ownerKey(shard), Bytes.of(owner), PutOption.DEFAULT))
                .commit())
        .thenApply(txn ->
            txn.isSucceeded()
                ? OptionalLong.of(txn.getHeader().getRevision())
                : OptionalLong.empty());
  }

  @Override
  public CompletableFuture<Void> release(int shard, long epoch) {
    return bounded(
            kv().txn()
                .If(ownedUnder(shard, epoch))
                .Then(Op.delete(ownerKey(shard), DeleteOption.DEFAULT))
                .commit())
        .thenApply(txn -> null);
  }

  @Override
  public CompletableFuture<Appended> append(List<ShardAppend> appends) {
    OpLog.checkSize(appends);
    List<ByteSequence> values =
        appends.stream().map(append -> ByteSequence.from(append.segment().encode())).toList();
    List<Cmp> ifs = new ArrayList<>();
    List<Op> puts = new ArrayList<>();
    List<Op> gets = new ArrayList<>();
    for (int i = 0; i < appends.size(); i++) {
      ShardAppend append = appends.get(i);
      ByteSequence segment = segmentKey(append.shard(), append.segment().number());
      ifs.add(ownedUnder(append.shard(), append.epoch()));
      ifs.add(new Cmp(segment, Cmp.Op.EQUAL, CmpTarget.createRevision(0)));
      puts.add(Op.put(segment, values.get(i), PutOption.DEFAULT));
      gets.add(Op.get(ownerKey(append.shard()), GetOption.DEFAULT));
      gets.add(Op.get(segment, GetOption.DEFAULT));
    }
    return bounded(
            kv().txn()
                .If(ifs.toArray(Cmp[]::new))
                .Then(puts.toArray(Op[]::new))
                .Else(gets.toArray(Op[]::new))
                .commit())
        .thenApply(txn -> txn.isSucceeded() ? new Committed() : found(txn, appends, values));
  }

  private static Appended found(
      TxnResponse txn, List<ShardAppend> appends, List<ByteSequence> values) {
    Set<Integer> fenced = new TreeSet<>();
    boolean storedBefore = true;
    for (int i = 0; i < appends.size(); i++) {
      List<KeyValue> owner = txn.getGetResponses().get(2 * i).getKvs();
      List<KeyValue> segment = txn.getGetResponses().get(2 * i + 1).getKvs();
      storedBefore &= !segment.isEmpty() && segment.getFirst().getValue().equals(values.get(i));
      if (!segment.isEmpty()
          || owner.isEmpty()
          || owner.getFirst().getModRevision() != appends.get(i).epoch()) {
        fenced.add(appends.get(i).shard());
      }
    }
    return storedBefore ? new Committed() : new Fenced(fenced);
  }

  @Override
  public CompletableFuture<Void> ping() {
    return bounded(kv().get(ownerKey(0), GetOption.builder().withKeysOnly(true).build()))
        .thenApply(response -> null);
  }

  @Override
  public CompletableFuture<Page> read(int shard, long fromNumber) {
    return read(shard, fromNumber, PAGE_SEGMENTS)
        .exceptionallyCompose(error ->
            tooLarge(error)
                ? read(shard, fromNumber, PAGE_SEGMENTS_SAFE)
                : CompletableFuture.failedFuture(error));
  }

  private CompletableFuture<Page> read(int shard, long fromNumber, int limit) {
    ByteSequence end = Bytes.of(logPrefix(shard).substring(0, logPrefix(shard).length() - 1) + "0");
    GetOption range = GetOption.builder().withRange(end).withLimit(limit).build();
    return bounded(kv().get(segmentKey(shard, fromNumber), range))
        .thenApply(response -> new Page(segments(response), response.isMore()));
  }

  private static boolean tooLarge(Throwable error) {
    return Status.fromThrowable(error).getCode() == Status.Code.RESOURCE_EXHAUSTED
        || String.valueOf(error.getMessage()).contains("exceeds maximum size");
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

  private static Cmp ownedUnder(int shard, long epoch) {
    return new Cmp(ownerKey(shard), Cmp.Op.EQUAL, CmpTarget.modRevision(epoch));
  }

  private static ByteSequence ownerKey(int shard) {
    return Bytes.of(EtcdKeys.OWNERS + shard);
  }

  private static String logPrefix(int shard) {
    return EtcdKeys.SHARDS + shard + "/log/";
  }

  private static ByteSequence segmentKey(int shard, long number) {
    return Bytes.of(logPrefix(shard) + "%016x".formatted(number));
  }
}
