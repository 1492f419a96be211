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
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.IntFunction;

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

  /** Pages of many shards share one answer; who has more is read on alone. */
  private static final int PAGE_SEGMENTS_EACH = 32;

  private static final int KEY_HEX_DIGITS = 16;
  private static final GetOption OWNER_REVISION = GetOption.builder().withKeysOnly(true).build();

  private final Client client;

  public EtcdOpLog(Client client) {
    this.client = client;
  }

  @Override
  public CompletableFuture<Map<Integer, Long>> claim(Map<Integer, Long> seenEpochs, String owner) {
    ByteSequence value = Bytes.of(owner);
    return whereOwned(seenEpochs, key -> Op.put(key, value, PutOption.DEFAULT));
  }

  @Override
  public CompletableFuture<Void> release(Map<Integer, Long> epochs) {
    return whereOwned(epochs, key -> Op.delete(key, DeleteOption.DEFAULT)).thenApply(ok -> null);
  }

  /**
   * Changes owner keys in one transaction; shards found under another epoch are left out and the
   * rest is tried again.
   *
   * @return the shards changed, each with the revision of the change
   */
  private CompletableFuture<Map<Integer, Long>> whereOwned(
      Map<Integer, Long> epochs, Function<ByteSequence, Op> change) {
    OpLog.checkShards(epochs, SHARDS_PER_CLAIM_MAX);
    if (epochs.isEmpty()) {
      return CompletableFuture.completedFuture(Map.of());
    }
    List<Integer> shards = List.copyOf(epochs.keySet());
    return bounded(
            kv().txn()
                .If(each(shards, shard -> ownedUnder(shard, epochs.get(shard)), Cmp[]::new))
                .Then(each(shards, shard -> change.apply(ownerKey(shard)), Op[]::new))
                .Else(each(shards, shard -> Op.get(ownerKey(shard), OWNER_REVISION), Op[]::new))
                .commit())
        .thenCompose(txn ->
            txn.isSucceeded()
                ? CompletableFuture.completedFuture(changed(shards, txn.getHeader().getRevision()))
                : whereOwned(unchanged(txn, shards, epochs), change));
  }

  private static <T> T[] each(
      List<Integer> shards, Function<Integer, T> part, IntFunction<T[]> array) {
    return shards.stream().map(part).toArray(array);
  }

  private static Map<Integer, Long> changed(List<Integer> shards, long revision) {
    Map<Integer, Long> changed = new TreeMap<>();
    shards.forEach(shard -> changed.put(shard, revision));
    return changed;
  }

  private static Map<Integer, Long> unchanged(
      TxnResponse txn, List<Integer> shards, Map<Integer, Long> epochs) {
    Map<Integer, Long> unchanged = new TreeMap<>();
    for (int i = 0; i < shards.size(); i++) {
      List<KeyValue> owner = txn.getGetResponses().get(i).getKvs();
      long epoch = owner.isEmpty() ? 0 : owner.getFirst().getModRevision();
      if (epoch == epochs.get(shards.get(i))) {
        unchanged.put(shards.get(i), epoch);
      }
    }
    return unchanged;
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
    return bounded(kv().get(segmentKey(shard, fromNumber), page(shard, limit)))
        .thenApply(EtcdOpLog::page);
  }

  @Override
  public CompletableFuture<Map<Integer, Page>> read(Map<Integer, Long> fromNumbers) {
    OpLog.checkShards(fromNumbers, SHARDS_PER_READ_MAX);
    if (fromNumbers.isEmpty()) {
      return CompletableFuture.completedFuture(Map.of());
    }
    List<Integer> shards = List.copyOf(fromNumbers.keySet());
    return bounded(
            kv().txn()
                .Then(
                    each(
                        shards,
                        shard ->
                            Op.get(
                                segmentKey(shard, fromNumbers.get(shard)),
                                page(shard, PAGE_SEGMENTS_EACH)),
                        Op[]::new))
                .commit())
        .thenApply(txn -> pages(shards, txn))
        .exceptionallyCompose(error ->
            tooLarge(error)
                ? readOneByOne(shards, fromNumbers)
                : CompletableFuture.failedFuture(error));
  }

  private static Map<Integer, Page> pages(List<Integer> shards, TxnResponse txn) {
    Map<Integer, Page> pages = new TreeMap<>();
    for (int i = 0; i < shards.size(); i++) {
      pages.put(shards.get(i), page(txn.getGetResponses().get(i)));
    }
    return pages;
  }

  private CompletableFuture<Map<Integer, Page>> readOneByOne(
      List<Integer> shards, Map<Integer, Long> fromNumbers) {
    CompletableFuture<Map<Integer, Page>> pages =
        CompletableFuture.completedFuture(new TreeMap<>());
    for (int shard : shards) {
      pages =
          pages.thenCompose(found ->
              read(shard, fromNumbers.get(shard))
                  .thenApply(page -> {
                    found.put(shard, page);
                    return found;
                  }));
    }
    return pages;
  }

  private static GetOption page(int shard, int limit) {
    ByteSequence end = Bytes.of(logPrefix(shard).substring(0, logPrefix(shard).length() - 1) + "0");
    return GetOption.builder().withRange(end).withLimit(limit).build();
  }

  private static Page page(GetResponse response) {
    return new Page(segments(response), response.isMore());
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
