package io.aetherflow.statesync.log;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.GetOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.IntFunction;

/** {@code /owners/<shard>}, whose mod revisions are the epochs. Thread-safe. */
final class OwnerKeys {
  static final GetOption KEYS_ONLY = GetOption.builder().withKeysOnly(true).build();

  private final Client client;

  OwnerKeys(Client client) {
    this.client = client;
  }

  /**
   * Changes owner keys in one transaction; shards found under another epoch are left out and the
   * rest is tried again.
   *
   * @param once what the transaction does besides
   * @return the shards changed, each with the revision of the change
   */
  CompletableFuture<Map<Integer, Long>> where(
      Map<Integer, Long> epochs, Function<Integer, List<Op>> changes, List<Op> once) {
    OpLog.checkShards(epochs.keySet(), OpLog.SHARDS_PER_CLAIM_MAX);
    if (epochs.isEmpty()) {
      return CompletableFuture.completedFuture(Map.of());
    }
    List<Integer> shards = List.copyOf(epochs.keySet());
    List<Op> then = new ArrayList<>(once);
    shards.forEach(shard -> then.addAll(changes.apply(shard)));
    return EtcdOpLog.bounded(
            client
                .getKVClient()
                .txn()
                .If(each(shards, shard -> ownedUnder(shard, epochs.get(shard)), Cmp[]::new))
                .Then(then.toArray(Op[]::new))
                .Else(each(shards, OwnerKeys::get, Op[]::new))
                .commit())
        .thenCompose(txn ->
            txn.isSucceeded()
                ? CompletableFuture.completedFuture(changed(shards, txn.getHeader().getRevision()))
                : where(unchanged(shards, epochOf(shards, txn), epochs), changes, once));
  }

  static Op get(int shard) {
    return Op.get(LogKeys.owner(shard), KEYS_ONLY);
  }

  static Cmp ownedUnder(int shard, long epoch) {
    return new Cmp(LogKeys.owner(shard), Cmp.Op.EQUAL, CmpTarget.modRevision(epoch));
  }

  static <T> T[] each(List<Integer> shards, Function<Integer, T> part, IntFunction<T[]> array) {
    return shards.stream().map(part).toArray(array);
  }

  private static Map<Integer, Long> changed(List<Integer> shards, long revision) {
    Map<Integer, Long> changed = new TreeMap<>();
    shards.forEach(shard -> changed.put(shard, revision));
    return changed;
  }

  private static Map<Integer, Long> unchanged(
      List<Integer> shards, Map<Integer, Long> now, Map<Integer, Long> epochs) {
    Map<Integer, Long> unchanged = new TreeMap<>();
    shards.stream()
        .filter(shard -> now.get(shard).equals(epochs.get(shard)))
        .forEach(shard -> unchanged.put(shard, now.get(shard)));
    return unchanged;
  }

  /** By shard, from a transaction whose first answers are those of {@link #get}. */
  static Map<Integer, Long> epochOf(List<Integer> shards, TxnResponse txn) {
    Map<Integer, Long> epochs = new HashMap<>();
    for (int i = 0; i < shards.size(); i++) {
      List<KeyValue> owner = txn.getGetResponses().get(i).getKvs();
      epochs.put(shards.get(i), owner.isEmpty() ? 0 : owner.getFirst().getModRevision());
    }
    return epochs;
  }
}
