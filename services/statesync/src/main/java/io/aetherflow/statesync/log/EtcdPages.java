package io.aetherflow.statesync.log;

import io.aetherflow.runtime.etcd.Bytes;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.options.GetOption;
import io.grpc.Status;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Reads ranges of keys whose values may be of any size, page by page: many small values to a page,
 * few large ones. Thread-safe.
 */
public final class EtcdPages {
  /** As many of the largest values as fit the 4 MiB of one answer. */
  private static final int FIRST_PAGE_VALUES = 3;

  private static final int PAGE_VALUES_MAX = 512;

  /** What a page aims at, judged by the one before; less than half of an answer. */
  private static final int PAGE_BYTES = 1 << 20;

  private final Client client;

  public EtcdPages(Client client) {
    this.client = client;
  }

  /**
   * @param end exclusive
   */
  public CompletableFuture<Void> read(
      ByteSequence from, ByteSequence end, Consumer<KeyValue> each) {
    return read(from, end, FIRST_PAGE_VALUES, each);
  }

  private CompletableFuture<Void> read(
      ByteSequence from, ByteSequence end, int limit, Consumer<KeyValue> each) {
    return pageOrFewer(from, end, limit)
        .thenCompose(page -> {
          page.getKvs().forEach(each);
          return page.isMore()
              ? read(after(page.getKvs().getLast().getKey()), end, nextLimit(page.getKvs()), each)
              : CompletableFuture.<Void>completedFuture(null);
        });
  }

  private static ByteSequence after(ByteSequence key) {
    return Bytes.of(Bytes.text(key) + "\0");
  }

  private static int nextLimit(List<KeyValue> page) {
    long bytes = page.stream().mapToLong(kv -> kv.getValue().size()).sum();
    return (int)
        Math.clamp(
            PAGE_BYTES * (long) page.size() / Math.max(1, bytes),
            FIRST_PAGE_VALUES,
            PAGE_VALUES_MAX);
  }

  private CompletableFuture<GetResponse> pageOrFewer(
      ByteSequence from, ByteSequence end, int limit) {
    return page(from, end, limit)
        .exceptionallyCompose(error ->
            tooLarge(error) && limit > FIRST_PAGE_VALUES
                ? page(from, end, FIRST_PAGE_VALUES)
                : CompletableFuture.failedFuture(error));
  }

  private CompletableFuture<GetResponse> page(ByteSequence from, ByteSequence end, int limit) {
    return EtcdOpLog.bounded(
        client
            .getKVClient()
            .get(from, GetOption.builder().withRange(end).withLimit(limit).build()));
  }

  private static boolean tooLarge(Throwable error) {
    return Status.fromThrowable(error).getCode() == Status.Code.RESOURCE_EXHAUSTED
        || String.valueOf(error.getMessage()).contains("exceeds maximum size");
  }
}
