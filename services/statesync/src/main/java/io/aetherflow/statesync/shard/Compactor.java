package io.aetherflow.statesync.shard;

import io.aetherflow.statesync.document.OwnedShard;
import io.aetherflow.statesync.document.ShardContext;
import io.aetherflow.statesync.log.CompactionLock;
import io.aetherflow.statesync.log.OpLog;
import io.aetherflow.statesync.log.OpLog.Trimmed;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the log short: when enough has gathered, it takes the lock, archives what was there at the
 * round before, takes it out of the log and frees the store's history. Loop only.
 */
public final class Compactor {
  private static final Logger LOG = LoggerFactory.getLogger(Compactor.class);

  /** What a successor reads at once, and what waits in memory, before it is archived. */
  private static final long HOT_BYTES = 2 << 20;

  private static final long HOT_SEGMENTS = 16_384;

  private static final long CHECK_MILLIS = 1_000;

  /** Watches that were away for less go on where they were. */
  private static final long HISTORY_MILLIS = 30_000;

  private record Point(long revision, long atMillis) {}

  private final ShardHost host;
  private final ShardContext context;
  private final CompactionLock lock;
  private final RandomGenerator random;
  private final Clock clock;
  private final ArrayDeque<Point> points = new ArrayDeque<>();
  private boolean working;

  public Compactor(
      ShardHost host, ShardContext context, CompactionLock lock, RandomGenerator random) {
    this.host = host;
    this.context = context;
    this.lock = lock;
    this.random = random;
    this.clock = context.clock();
  }

  /** From now on, until the loop ends. Any thread. */
  public void start() {
    context.loop().after(CHECK_MILLIS / 2 + random.nextLong(CHECK_MILLIS), this::check);
  }

  private void check() {
    if (!due()) {
      start();
      return;
    }
    context
        .loop()
        .whenDone(
            round(),
            (trimmed, error) -> {
              if (error != null) {
                LOG.atWarn()
                    .addKeyValue("action", "compaction_failed")
                    .log("compaction ended early and is tried again: {}", error.toString());
              }
              start();
            });
  }

  /** Whether the next round has something to do. */
  boolean due() {
    long bytes = 0;
    long segments = 0;
    boolean taken = false;
    for (OwnedShard shard : host.serving()) {
      bytes += shard.hotBytes();
      segments += shard.hotSegments();
      taken |= shard.hasTaken();
    }
    working = bytes >= HOT_BYTES || segments >= HOT_SEGMENTS || taken;
    return working || pointDue();
  }

  /** History is freed even when writing has ended. */
  private boolean pointDue() {
    return !points.isEmpty() && points.peek().atMillis() <= clock.millis() - HISTORY_MILLIS;
  }

  /** Done when the lock is free again, or was not free. */
  CompletableFuture<Void> round() {
    return lock.acquire()
        .thenComposeAsync(
            token ->
                token.isEmpty() ? CompletableFuture.<Void>completedFuture(null) : locked(token),
            context.loop());
  }

  private CompletableFuture<Void> locked(OptionalLong token) {
    long revision = token.getAsLong();
    return archive(host.serving().iterator(), revision)
        .thenComposeAsync(done -> advance(host.serving(), revision), context.loop())
        .thenCompose(done -> context.log().collect(revision))
        .thenComposeAsync(this::forgetHistory, context.loop())
        .handle((done, error) -> error)
        .thenCompose(error ->
            lock.release(revision)
                .thenCompose(released ->
                    error == null
                        ? CompletableFuture.<Void>completedFuture(null)
                        : CompletableFuture.failedFuture(error)));
  }

  private CompletableFuture<Void> archive(Iterator<OwnedShard> shards, long lockRevision) {
    if (!shards.hasNext()) {
      return CompletableFuture.completedFuture(null);
    }
    OwnedShard shard = shards.next();
    return archive(shard, lockRevision)
        .thenComposeAsync(
            trimmed -> {
              if (trimmed == Trimmed.FENCED) {
                host.fenced(shard);
              }
              return trimmed == Trimmed.UNLOCKED
                  ? CompletableFuture.failedFuture(
                      new IllegalStateException("another has the compaction lock"))
                  : archive(shards, lockRevision);
            },
            context.loop());
  }

  /** What is wrong with one shard holds no other back; a store that is away ends the round. */
  private CompletableFuture<Trimmed> archive(OwnedShard shard, long lockRevision) {
    return CompletableFuture.completedFuture(shard)
        .thenCompose(each -> each.archive(lockRevision))
        .exceptionallyCompose(error -> {
          LOG.atWarn()
              .addKeyValue("action", "shard_not_trimmed")
              .log("the log of shard {} stays as it is: {}", shard.number(), error.toString());
          return context.log().ping().thenApply(answered -> Trimmed.DONE);
        });
  }

  private CompletableFuture<Void> advance(List<OwnedShard> shards, long lockRevision) {
    if (shards.isEmpty()) {
      return CompletableFuture.completedFuture(null);
    }
    int size = Math.min(shards.size(), OpLog.SHARDS_PER_ADVANCE_MAX);
    Map<Integer, Long> epochs =
        shards.subList(0, size).stream()
            .collect(Collectors.toMap(OwnedShard::number, OwnedShard::epoch));
    return context
        .log()
        .advance(epochs, lockRevision)
        .thenCompose(done -> advance(shards.subList(size, shards.size()), lockRevision));
  }

  private CompletableFuture<Void> forgetHistory(long revision) {
    long now = clock.millis();
    if (working) {
      points.add(new Point(revision, now));
    }
    long past = 0;
    while (!points.isEmpty() && points.peek().atMillis() <= now - HISTORY_MILLIS) {
      past = points.remove().revision();
    }
    return past == 0 ? CompletableFuture.completedFuture(null) : context.log().forgetHistory(past);
  }
}
