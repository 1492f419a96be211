package io.aetherflow.statesync.archive;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.aetherflow.api.EtcdKeys;
import io.aetherflow.api.statesync.v1.Version;
import io.aetherflow.api.statesync.v1.VersionContent;
import io.aetherflow.runtime.etcd.Bytes;
import io.aetherflow.runtime.etcd.EtcdPages;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.TxnResponse;
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
 * Named versions in etcd: {@code /versions/<document>/about/<name>} describes one and {@code
 * /versions/<document>/state/<name>} is its content. Written under the epoch of the document's
 * shard. Thread-safe; futures fail when etcd does not answer in time.
 */
public final class VersionStore {
  /** Etcd takes requests of 1.5 MiB. */
  public static final int CONTENT_BYTES_MAX = 1 << 20;

  /** Bounds what one document's versions take of etcd, to 100 MiB. */
  public static final int VERSIONS_MAX = 100;

  private static final long CALL_TIMEOUT_MILLIS = 2_000;

  private final Client client;
  private final EtcdPages pages;

  public VersionStore(Client client) {
    this.client = client;
    this.pages = new EtcdPages(client, Duration.ofMillis(CALL_TIMEOUT_MILLIS));
  }

  /** What became of a creation. */
  public sealed interface Created {}

  /** It is stored. */
  public record Stored() implements Created {}

  /** The name is taken by this one. */
  public record Taken(VersionContent found) implements Created {}

  /** Another owns the shard. */
  public record Fenced() implements Created {}

  /**
   * Stores a version unless there is one of its name.
   *
   * @param content at most {@link #CONTENT_BYTES_MAX}
   */
  public CompletableFuture<Created> create(
      int shard, long epoch, Version version, ByteString content) {
    ByteSequence about = about(version.getDocument(), version.getName());
    ByteSequence state = state(version.getDocument(), version.getName());
    Cmp absent = new Cmp(about, Cmp.Op.EQUAL, CmpTarget.createRevision(0));
    return bounded(
            client
                .getKVClient()
                .txn()
                .If(owned(shard, epoch), absent)
                .Then(
                    Op.put(about, ByteSequence.from(version.toByteString()), PutOption.DEFAULT),
                    Op.put(state, ByteSequence.from(content), PutOption.DEFAULT))
                .Else(Op.get(about, GetOption.DEFAULT), Op.get(state, GetOption.DEFAULT))
                .commit())
        .thenApply(txn -> {
          if (txn.isSucceeded()) {
            return new Stored();
          }
          return content(txn).<Created>map(Taken::new).orElseGet(Fenced::new);
        });
  }

  public CompletableFuture<List<Version>> list(String document) {
    List<Version> found = new ArrayList<>();
    String prefix = EtcdKeys.VERSIONS + document + "/about";
    return pages
        .read(Bytes.of(prefix + "/"), Bytes.of(prefix + "0"), kv -> found.add(version(kv)))
        .thenApply(done -> found);
  }

  public CompletableFuture<Optional<VersionContent>> find(String document, String name) {
    return bounded(
            client
                .getKVClient()
                .txn()
                .Then(
                    Op.get(about(document, name), GetOption.DEFAULT),
                    Op.get(state(document, name), GetOption.DEFAULT))
                .commit())
        .thenApply(VersionStore::content);
  }

  /** Of a transaction that read what describes a version, and what it holds. */
  private static Optional<VersionContent> content(TxnResponse txn) {
    return txn.getGetResponses().getFirst().getKvs().stream()
        .findFirst()
        .map(kv ->
            VersionContent.newBuilder()
                .setVersion(version(kv))
                .setData(
                    ByteString.copyFrom(
                        txn.getGetResponses().getLast().getKvs().getFirst().getValue().getBytes()))
                .build());
  }

  /** False when another owns the shard. */
  public CompletableFuture<Boolean> delete(int shard, long epoch, String document, String name) {
    return bounded(
            client
                .getKVClient()
                .txn()
                .If(owned(shard, epoch))
                .Then(
                    Op.delete(about(document, name), DeleteOption.DEFAULT),
                    Op.delete(state(document, name), DeleteOption.DEFAULT))
                .commit())
        .thenApply(txn -> txn.isSucceeded());
  }

  private static Cmp owned(int shard, long epoch) {
    return new Cmp(Bytes.of(EtcdKeys.OWNERS + shard), Cmp.Op.EQUAL, CmpTarget.modRevision(epoch));
  }

  private static Version version(KeyValue kv) {
    try {
      return Version.parseFrom(kv.getValue().getBytes());
    } catch (InvalidProtocolBufferException e) {
      throw new UncheckedIOException(Bytes.text(kv.getKey()) + " cannot be read", e);
    }
  }

  private static ByteSequence about(String document, String name) {
    return Bytes.of(EtcdKeys.VERSIONS + document + "/about/" + name);
  }

  private static ByteSequence state(String document, String name) {
    return Bytes.of(EtcdKeys.VERSIONS + document + "/state/" + name);
  }

  private static <T> CompletableFuture<T> bounded(CompletableFuture<T> call) {
    return call.orTimeout(CALL_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
  }
}
