package io.aetherflow.statesync.archive;

import com.google.protobuf.InvalidProtocolBufferException;
import io.aetherflow.api.EtcdKeys;
import io.aetherflow.api.statesync.v1.DocumentSnapshot;
import io.aetherflow.api.statesync.v1.OperationBatch;
import io.aetherflow.runtime.etcd.Bytes;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * {@code /shards/<shard>/<document>} and {@code /archive/<document>/<first operation>} in etcd,
 * written under the epoch of the shard.
 */
public final class EtcdSnapshotStore implements SnapshotStore {
  private static final long CALL_TIMEOUT_MILLIS = 2_000;

  /** As many of the largest snapshots as fit the 4 MiB of one answer. */
  private static final int PAGE_SNAPSHOTS = 4;

  private final Client client;

  public EtcdSnapshotStore(Client client) {
    this.client = client;
  }

  @Override
  public CompletableFuture<List<Stored>> load(int shard) {
    ByteSequence prefix = Bytes.of(EtcdKeys.SHARDS + shard + "/");
    return load(shard, prefix, new ArrayList<>());
  }

  private CompletableFuture<List<Stored>> load(int shard, ByteSequence from, List<Stored> found) {
    GetOption range =
        GetOption.builder()
            .withRange(Bytes.of(EtcdKeys.SHARDS + shard + "0"))
            .withLimit(PAGE_SNAPSHOTS)
            .build();
    return bounded(client.getKVClient().get(from, range))
        .thenCompose(page -> {
          page.getKvs().forEach(kv -> found.add(stored(kv)));
          if (!page.isMore()) {
            return CompletableFuture.completedFuture(found);
          }
          String last = Bytes.text(page.getKvs().getLast().getKey());
          return load(shard, Bytes.of(last + "\0"), found);
        });
  }

  @Override
  public CompletableFuture<Optional<Stored>> load(int shard, String document) {
    return bounded(client.getKVClient().get(snapshotKey(shard, document)))
        .thenApply(found -> found.getKvs().stream().findFirst().map(EtcdSnapshotStore::stored));
  }

  private static Stored stored(KeyValue kv) {
    try {
      return new Stored(DocumentSnapshot.parseFrom(kv.getValue().getBytes()), kv.getModRevision());
    } catch (InvalidProtocolBufferException e) {
      throw new UncheckedIOException(Bytes.text(kv.getKey()) + " cannot be read", e);
    }
  }

  @Override
  public CompletableFuture<Saved> save(Save save) {
    String document = save.snapshot().getDocument();
    ByteSequence owner = Bytes.of(EtcdKeys.OWNERS + save.shard());
    ByteSequence key = snapshotKey(save.shard(), document);
    List<Op> then = new ArrayList<>();
    then.add(Op.put(key, ByteSequence.from(save.snapshot().toByteString()), PutOption.DEFAULT));
    then.add(
        Op.put(
            chunkKey(document, save.chunk().getFirstSeq()),
            ByteSequence.from(save.chunk().toByteString()),
            PutOption.DEFAULT));
    save.dropped()
        .forEach(first -> then.add(Op.delete(chunkKey(document, first), DeleteOption.DEFAULT)));
    Cmp owned = new Cmp(owner, Cmp.Op.EQUAL, CmpTarget.modRevision(save.epoch()));
    Cmp unchanged = new Cmp(key, Cmp.Op.EQUAL, CmpTarget.modRevision(save.seenRevision()));
    return bounded(
            client
                .getKVClient()
                .txn()
                .If(owned, unchanged)
                .Then(then.toArray(Op[]::new))
                .Else(Op.get(owner, GetOption.builder().withKeysOnly(true).build()))
                .commit())
        .thenApply(txn -> {
          if (txn.isSucceeded()) {
            return new Done(new Stored(save.snapshot(), txn.getHeader().getRevision()));
          }
          boolean stillOwned =
              txn.getGetResponses().getFirst().getKvs().stream()
                  .anyMatch(kv -> kv.getModRevision() == save.epoch());
          return stillOwned ? new Changed() : new Fenced();
        });
  }

  @Override
  public CompletableFuture<Optional<OperationBatch>> chunk(String document, long firstSeq) {
    return bounded(client.getKVClient().get(chunkKey(document, firstSeq)))
        .thenApply(found -> {
          try {
            return found.getKvs().isEmpty()
                ? Optional.empty()
                : Optional.of(
                    OperationBatch.parseFrom(found.getKvs().getFirst().getValue().getBytes()));
          } catch (InvalidProtocolBufferException e) {
            throw new UncheckedIOException("a chunk of " + document + " cannot be read", e);
          }
        });
  }

  private static ByteSequence snapshotKey(int shard, String document) {
    return Bytes.of(EtcdKeys.SHARDS + shard + "/" + document);
  }

  private static ByteSequence chunkKey(String document, long firstSeq) {
    return Bytes.of(EtcdKeys.ARCHIVE + document + "/" + "%016x".formatted(firstSeq));
  }

  private static <T> CompletableFuture<T> bounded(CompletableFuture<T> call) {
    return call.orTimeout(CALL_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
  }
}
