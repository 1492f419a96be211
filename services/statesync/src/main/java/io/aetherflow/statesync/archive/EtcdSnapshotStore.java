package io.aetherflow.statesync.archive;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.aetherflow.api.EtcdKeys;
import io.aetherflow.api.statesync.v1.DocumentSnapshot;
import io.aetherflow.api.statesync.v1.DocumentSnapshot.State;
import io.aetherflow.api.statesync.v1.OperationBatch;
import io.aetherflow.runtime.etcd.Bytes;
import io.aetherflow.runtime.etcd.EtcdPages;
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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * {@code /shards/<shard>/<document>} , {@code /archive/<document>/<first operation>} and {@code
 * /archive/<document>/state/<id>/<piece>} in etcd; but for pieces that nothing points at yet,
 * written under the epoch of the shard.
 */
public final class EtcdSnapshotStore implements SnapshotStore {
  private static final long CALL_TIMEOUT_MILLIS = 2_000;

  private final Client client;
  private final EtcdPages pages;

  public EtcdSnapshotStore(Client client) {
    this.client = client;
    this.pages = new EtcdPages(client, Duration.ofMillis(CALL_TIMEOUT_MILLIS));
  }

  @Override
  public CompletableFuture<List<Stored>> load(int shard) {
    List<Stored> found = new ArrayList<>();
    return pages
        .read(
            Bytes.of(EtcdKeys.SHARDS + shard + "/"),
            Bytes.of(EtcdKeys.SHARDS + shard + "0"),
            kv -> found.add(stored(kv)))
        .thenApply(done -> found);
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
    for (OperationBatch chunk : save.chunks()) {
      then.add(
          Op.put(
              chunkKey(document, chunk.getFirstSeq()),
              ByteSequence.from(chunk.toByteString()),
              PutOption.DEFAULT));
    }
    save.dropped()
        .forEach(first -> then.add(Op.delete(chunkKey(document, first), DeleteOption.DEFAULT)));
    then.add(delete(chunkKey(document, 0), chunkKey(document, save.firstKept())));
    if (save.sweepsStates()) {
      String states = stateKeys(document);
      String kept = states + save.snapshot().getState().getId();
      then.add(delete(Bytes.of(states), Bytes.of(kept + "/")));
      then.add(delete(Bytes.of(kept + "0"), Bytes.of(endOf(states))));
    }
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

  @Override
  public CompletableFuture<Void> putState(String document, State state, ByteString bytes) {
    CompletableFuture<Void> stored = CompletableFuture.completedFuture(null);
    for (int i = 0; i < state.getPieces(); i++) {
      int from = i * STATE_PIECE_BYTES;
      ByteString piece = bytes.substring(from, Math.min(bytes.size(), from + STATE_PIECE_BYTES));
      ByteSequence key = pieceKey(document, state, i);
      stored =
          stored.thenCompose(done ->
              bounded(client.getKVClient().put(key, ByteSequence.from(piece)))
                  .thenApply(put -> null));
    }
    return stored;
  }

  @Override
  public CompletableFuture<Optional<ByteString>> state(String document, State state) {
    CompletableFuture<Optional<ByteString>> whole =
        CompletableFuture.completedFuture(Optional.of(ByteString.EMPTY));
    for (int i = 0; i < state.getPieces(); i++) {
      ByteSequence key = pieceKey(document, state, i);
      whole =
          whole.thenCompose(before ->
              bounded(client.getKVClient().get(key))
                  .thenApply(found ->
                      before.flatMap(bytes ->
                          found.getKvs().stream()
                              .findFirst()
                              .map(kv -> bytes.concat(text(kv.getValue()))))));
    }
    return whole;
  }

  private static ByteString text(ByteSequence value) {
    return ByteString.copyFrom(value.getBytes());
  }

  private static Op delete(ByteSequence from, ByteSequence to) {
    return Op.delete(from, DeleteOption.builder().withRange(to).build());
  }

  private static String stateKeys(String document) {
    return EtcdKeys.ARCHIVE + document + "/state/";
  }

  private static String endOf(String prefix) {
    return prefix.substring(0, prefix.length() - 1) + "0";
  }

  private static ByteSequence pieceKey(String document, State state, int piece) {
    return Bytes.of(stateKeys(document) + state.getId() + "/" + "%02x".formatted(piece));
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
