package io.aetherflow.statesync.log;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.options.GetOption;
import io.grpc.Status;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** Reads a log page by page. */
final class LogEntries {
  /** Most entries are small; where these do not fit one answer of 4 MiB, an eighth is tried. */
  private static final int PAGE_ENTRIES_MAX = 256;

  private static final int PAGE_SHRINK = 8;

  private final Client client;

  LogEntries(Client client) {
    this.client = client;
  }

  CompletableFuture<Void> read(String log, long fromEntry, Consumer<KeyValue> each) {
    return read(log, fromEntry, PAGE_ENTRIES_MAX, each);
  }

  private CompletableFuture<Void> read(
      String log, long fromEntry, int limit, Consumer<KeyValue> each) {
    return page(LogKeys.entry(log, fromEntry), LogKeys.entriesEnd(log), limit)
        .thenCompose(page -> {
          page.getKvs().forEach(each);
          return page.isMore()
              ? read(log, LogKeys.entryNumber(page.getKvs().getLast().getKey()) + 1, limit, each)
              : CompletableFuture.<Void>completedFuture(null);
        })
        .exceptionallyCompose(error ->
            tooLarge(error) && limit > 1
                ? read(log, fromEntry, Math.max(1, limit / PAGE_SHRINK), each)
                : CompletableFuture.failedFuture(error));
  }

  private CompletableFuture<GetResponse> page(ByteSequence from, ByteSequence end, int limit) {
    return EtcdOpLog.bounded(
        client
            .getKVClient()
            .get(from, GetOption.builder().withRange(end).withLimit(limit).build()));
  }

  static boolean tooLarge(Throwable error) {
    return Status.fromThrowable(error).getCode() == Status.Code.RESOURCE_EXHAUSTED
        || String.valueOf(error.getMessage()).contains("exceeds maximum size");
  }
}
