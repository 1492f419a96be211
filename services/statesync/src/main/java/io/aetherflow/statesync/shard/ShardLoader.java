package io.aetherflow.statesync.shard;

import io.aetherflow.statesync.archive.SnapshotStore.Stored;
import io.aetherflow.statesync.document.OwnedShard;
import io.aetherflow.statesync.document.ShardContext;
import io.aetherflow.statesync.log.OpLog;
import io.aetherflow.statesync.log.OpLog.Tail;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads what is stored of claimed shards, as often as it takes. Loop only. */
final class ShardLoader {
  private static final Logger LOG = LoggerFactory.getLogger(ShardLoader.class);

  private final ShardContext context;
  private final Predicate<OwnedShard> held;
  private final Consumer<OwnedShard> loaded;

  /**
   * @param held whether a shard is still wanted
   * @param loaded told of each shard that is and has taken everything in
   */
  ShardLoader(ShardContext context, Predicate<OwnedShard> held, Consumer<OwnedShard> loaded) {
    this.context = context;
    this.held = held;
    this.loaded = loaded;
  }

  void load(List<OwnedShard> shards) {
    ShardHost.parts(shards, OpLog.SHARDS_PER_READ_MAX).forEach(this::loadAll);
  }

  /** Reads the logs of all at once, for they share most of what is read. */
  private void loadAll(List<OwnedShard> shards) {
    List<OwnedShard> wanted = shards.stream().filter(held).toList();
    Set<Integer> numbers = wanted.stream().map(OwnedShard::number).collect(Collectors.toSet());
    context
        .loop()
        .whenDone(
            context.log().read(numbers),
            (tails, error) -> {
              if (error != null) {
                logFailed("shards " + numbers, error);
                context.loop().after(ShardHost.RETRY_MILLIS, () -> loadAll(wanted));
                return;
              }
              for (OwnedShard shard : wanted) {
                load(shard, CompletableFuture.completedFuture(tails.get(shard.number())));
              }
            });
  }

  private CompletableFuture<Tail> readTail(OwnedShard shard) {
    return context.log().read(Set.of(shard.number())).thenApply(tails -> tails.get(shard.number()));
  }

  private void load(OwnedShard shard, CompletableFuture<Tail> reading) {
    if (!held.test(shard)) {
      return;
    }
    CompletableFuture<List<Stored>> snapshots = context.snapshots().load(shard.number());
    context
        .loop()
        .whenDone(
            reading.thenCombineAsync(
                snapshots,
                (tail, archived) -> {
                  if (held.test(shard)) {
                    shard.load(tail, archived);
                  }
                  return tail;
                },
                context.loop()),
            (ok, error) -> {
              if (!held.test(shard)) {
                return;
              }
              if (error == null) {
                loaded.accept(shard);
              } else {
                logFailed("shard " + shard.number(), error);
                context.loop().after(ShardHost.RETRY_MILLIS, () -> load(shard, readTail(shard)));
              }
            });
  }

  private static void logFailed(String what, Throwable error) {
    LOG.atWarn()
        .addKeyValue("action", "shard_load_failed")
        .log("reading {} again: {}", what, error.toString());
  }
}
