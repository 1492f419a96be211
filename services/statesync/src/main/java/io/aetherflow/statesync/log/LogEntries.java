package io.aetherflow.statesync.log;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.options.GetOption;
import io.grpc.Status;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** Reads a log page by page. */
final class LogEntries {
  /** As many of the largest entries as fit the 4 MiB of one answer. */
  private static final int FIRST_PAGE_ENTRIES = 3;

  private static final int PAGE_ENTRIES_MAX = 512;

  /** What a page aims at, judged by the one before; less than half of an answer. */
  private static final int PAGE_BYTES = 1 << 20;

  private final Client client;

  LogEntries(Client client) {
    this.client = client;
  }

  CompletableFuture<Void> read(String log, long fromEntry, Consumer<KeyValue> each) {
    return read(log, fromEntry, FIRST_PAGE_ENTRIES, each);
  }

  private CompletableFuture<Void> read(
      String log, long fromEntry, int limit, Consumer<KeyValue> each) {
    return pageOrFewer(LogKeys.entry(log, fromEntry), LogKeys.entriesEnd(log), limit)
        .thenCompose(page -> {
          page.getKvs().forEach(each);
          return page.isMore()
              ? read(
                  log,
                  LogKeys.entryNumber(page.getKvs().getLast().getKey()) + 1,
                  nextLimit(page.getKvs()),
                  each)
              : CompletableFuture.<Void>completedFuture(null);
        });
  }

  private static int nextLimit(List<KeyValue> page) {
    long bytes = page.stream().mapToLong(kv -> kv.getValue().size()).sum();
    return (int)
        Math.clamp(
            PAGE_BYTES * (long) page.size() / Math.max(1, bytes),
            FIRST_PAGE_ENTRIES,
            PAGE_ENTRIES_MAX);
  }

  private CompletableFuture<GetResponse> pageOrFewer(
      ByteSequence from, ByteSequence end, int limit) {
    return page(from, end, limit)
        .exceptionallyCompose(error ->
            tooLarge(error) && limit > FIRST_PAGE_ENTRIES
                ? page(from, end, FIRST_PAGE_ENTRIES)
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
