package io.aetherflow.runtime.etcd;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.OptionsUtil;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
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

  /** Of each page what is there when it is read. */
  private static final long NEWEST = 0;

  private final Client client;
  private final Duration pageTimeout;

  /**
   * @param pageTimeout for each page; without its answer in time the read fails
   */
  public EtcdPages(Client client, Duration pageTimeout) {
    this.client = client;
    this.pageTimeout = pageTimeout;
  }

  /**
   * Each page as it is when it is read: what is written meanwhile may be seen or not.
   *
   * @param end exclusive
   */
  public CompletableFuture<Void> read(
      ByteSequence from, ByteSequence end, Consumer<KeyValue> each) {
    return pageOrFewer(from, end, FIRST_PAGE_VALUES, NEWEST)
        .thenCompose(page -> rest(page, end, NEWEST, each));
  }

  /**
   * Everything under a prefix as it was at the revision with which this is done. Fails when that is
   * compacted before the last page is read.
   */
  public CompletableFuture<Long> readAtOneRevision(ByteSequence prefix, Consumer<KeyValue> each) {
    ByteSequence end = OptionsUtil.prefixEndOf(prefix);
    return pageOrFewer(prefix, end, FIRST_PAGE_VALUES, NEWEST)
        .thenCompose(page -> {
          long revision = page.getHeader().getRevision();
          return rest(page, end, revision, each).thenApply(done -> revision);
        });
  }

  private CompletableFuture<Void> rest(
      GetResponse page, ByteSequence end, long revision, Consumer<KeyValue> each) {
    page.getKvs().forEach(each);
    return page.isMore()
        ? pageOrFewer(
                after(page.getKvs().getLast().getKey()), end, nextLimit(page.getKvs()), revision)
            .thenCompose(next -> rest(next, end, revision, each))
        : CompletableFuture.completedFuture(null);
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
      ByteSequence from, ByteSequence end, int limit, long revision) {
    return page(from, end, limit, revision)
        .exceptionallyCompose(error ->
            tooLarge(error) && limit > FIRST_PAGE_VALUES
                ? page(from, end, FIRST_PAGE_VALUES, revision)
                : CompletableFuture.failedFuture(error));
  }

  private CompletableFuture<GetResponse> page(
      ByteSequence from, ByteSequence end, int limit, long revision) {
    GetOption range =
        GetOption.builder().withRange(end).withLimit(limit).withRevision(revision).build();
    return client
        .getKVClient()
        .get(from, range)
        .orTimeout(pageTimeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static boolean tooLarge(Throwable error) {
    return Status.fromThrowable(error).getCode() == Status.Code.RESOURCE_EXHAUSTED
        || String.valueOf(error.getMessage()).contains("exceeds maximum size");
  }
}
