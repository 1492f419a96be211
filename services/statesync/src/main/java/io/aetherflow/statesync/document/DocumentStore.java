package io.aetherflow.statesync.document;

import com.google.protobuf.InvalidProtocolBufferException;
import io.aetherflow.api.EtcdKeys;
import io.aetherflow.api.statesync.v1.Document;
import io.aetherflow.runtime.etcd.Bytes;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * What is known of a document beside its operations, in etcd: {@code /docs/<id>}. Written by the
 * owner of the document's shard only, under its epoch. An empty value marks a deleted document: its
 * operations are still in the log, so its id is not used again. Thread-safe; futures fail when etcd
 * does not answer in time.
 */
public final class DocumentStore {
  private static final long CALL_TIMEOUT_MILLIS = 2_000;

  /** Bounds one answer; a document takes a few hundred bytes. */
  static final int PAGE_MAX = 500;

  /** What the store holds under an id. */
  public sealed interface Stored {}

  public record Absent() implements Stored {}

  public record Deleted() implements Stored {}

  public record Live(Document document) implements Stored {}

  /** Another owns the shard: nothing was written. */
  public record NotOurs() implements Stored {}

  /** One page in key order; {@code next} is empty at the end. */
  public record Page(List<Document> documents, Optional<String> next) {}

  /** Under which ownership a write is valid. */
  public record Fence(int shard, long epoch) {
    Cmp holds() {
      return new Cmp(Bytes.of(EtcdKeys.OWNERS + shard), Cmp.Op.EQUAL, CmpTarget.modRevision(epoch));
    }
  }

  private final Client client;

  public DocumentStore(Client client) {
    this.client = client;
  }

  public CompletableFuture<Stored> find(String id) {
    return bounded(client.getKVClient().get(key(id))).thenApply(DocumentStore::stored);
  }

  /** Writes the document if there is none; returns what is there now. */
  public CompletableFuture<Stored> createIfAbsent(Document document, Fence fence) {
    ByteSequence key = key(document.getId());
    Cmp absent = new Cmp(key, Cmp.Op.EQUAL, CmpTarget.createRevision(0));
    return bounded(
            client
                .getKVClient()
                .txn()
                .If(fence.holds(), absent)
                .Then(Op.put(key, ByteSequence.from(document.toByteString()), PutOption.DEFAULT))
                .Else(Op.get(key, GetOption.DEFAULT))
                .commit())
        .thenApply(txn -> {
          if (txn.isSucceeded()) {
            return new Live(document);
          }
          Stored found = stored(txn.getGetResponses().getFirst());
          return found instanceof Absent ? new NotOurs() : found;
        });
  }

  /** Marks a document as deleted. */
  public CompletableFuture<Stored> delete(String id, Fence fence) {
    return bounded(
            client
                .getKVClient()
                .txn()
                .If(fence.holds())
                .Then(Op.put(key(id), ByteSequence.EMPTY, PutOption.DEFAULT))
                .commit())
        .thenApply(txn -> txn.isSucceeded() ? new Deleted() : new NotOurs());
  }

  /**
   * @param from id to begin at, from the page before
   */
  public CompletableFuture<Page> page(Optional<String> from, int size) {
    int limit = Math.clamp(size, 1, PAGE_MAX);
    String end = EtcdKeys.DOCS.substring(0, EtcdKeys.DOCS.length() - 1) + "0";
    GetOption range = GetOption.builder().withRange(Bytes.of(end)).withLimit(limit).build();
    return bounded(client.getKVClient().get(key(from.orElse("")), range))
        .thenApply(DocumentStore::page);
  }

  private static Page page(GetResponse response) {
    List<Document> documents = new ArrayList<>();
    for (KeyValue kv : response.getKvs()) {
      if (stored(kv) instanceof Live(Document document)) {
        documents.add(document);
      }
    }
    Optional<String> next =
        response.isMore()
            ? Optional.of(
                Bytes.text(response.getKvs().getLast().getKey()).substring(EtcdKeys.DOCS.length())
                    + "\0")
            : Optional.empty();
    return new Page(documents, next);
  }

  private static Stored stored(GetResponse response) {
    return response.getKvs().isEmpty() ? new Absent() : stored(response.getKvs().getFirst());
  }

  private static Stored stored(KeyValue kv) {
    if (kv.getValue().isEmpty()) {
      return new Deleted();
    }
    try {
      return new Live(Document.parseFrom(kv.getValue().getBytes()));
    } catch (InvalidProtocolBufferException e) {
      throw new UncheckedIOException(Bytes.text(kv.getKey()) + " cannot be read", e);
    }
  }

  private static ByteSequence key(String id) {
    return Bytes.of(EtcdKeys.DOCS + id);
  }

  private static <T> CompletableFuture<T> bounded(CompletableFuture<T> call) {
    return call.orTimeout(CALL_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
  }
}
