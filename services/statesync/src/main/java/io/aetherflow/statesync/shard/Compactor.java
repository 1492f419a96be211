package io.aetherflow.statesync.shard;

import io.aetherflow.statesync.document.OwnedShard;
import io.aetherflow.statesync.document.ShardContext;
import io.aetherflow.statesync.log.CompactionLock;
import io.aetherflow.statesync.log.OpLog;
import io.aetherflow.statesync.log.OpLog.Trimmed;
import io.aetherflow.statesync.loop.Loop;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the log short: when enough has gathered, it takes the lock, archives what was there at the
 * round before and takes it out of the log. What was taken out is deleted afterwards and during the
 * next round, and beside the rounds the store's history is freed, both little by little. Loop only.
 */
public final class Compactor {
  private static final Logger LOG = LoggerFactory.getLogger(Compactor.class);

  /** What a successor reads at once, and what waits in memory, before it is archived. */
  private static final Backlog ENOUGH = new Backlog(2 << 20, 16_384);

  /** As much is archived at once, for a successor has to read it all. */
  private static final Backlog TOO_MUCH = new Backlog(24 << 20, 131_072);

  /**
   * Between the beginnings of rounds. The more of a document comes together the less often it is
   * rewritten, and a round costs a transaction for each document and shard however little there is.
   */
  private static final long ROUND_MILLIS = 4_000;

  private static final long CHECK_MILLIS = 1_000;

  /** Between the steps in which history is freed: etcd's writers feel each. */
  private static final long FORGET_MILLIS = 1_000;

  /** A step reads the keys of all that is kept; where these are many it rests longer. */
  private static final int FORGET_REST_FACTOR = 4;

  /** Also after a step that got no answer. */
  private static final long FORGET_REST_MILLIS_MAX = 10_000;

  /** Watches that were away for less go on where they were. */
  private static final long HISTORY_MILLIS = 30_000;

  /**
   * Bounds by how much younger history may be freed: writes between points need not be even. Where
   * several processes take turns a point comes every 10 to 20 s.
   */
  private static final long APART_MILLIS_MAX = 30_000;

  /** Lest a slow answer, after which writers are behind anyway, keep a round from its end. */
  private static final long REST_MAX_NS = TimeUnit.MILLISECONDS.toNanos(50);

  /** Between two deletes: spreads them, and so what is freed of them later. */
  private static final long COLLECT_REST_MILLIS = 100;

  /** A round that archives no more keeps the lock for no longer: others may wait for it. */
  private static final long COLLECT_ALONE_NS_MAX = TimeUnit.SECONDS.toNanos(1);

  private static final CompletableFuture<Void> NOTHING = CompletableFuture.completedFuture(null);

  private record Point(long revision, long atMillis) {}

  /** What is in the log only, of all shards. */
  private record Backlog(long bytes, long segments) {
    boolean reaches(Backlog bound) {
      return bytes >= bound.bytes() || segments >= bound.segments();
    }
  }

  private final ShardHost host;
  private final ShardContext context;
  private final CompactionLock lock;
  private final LongSupplier nowNs;
  private final RandomGenerator random;
  private final Clock clock;
  private final ArrayDeque<Point> points = new ArrayDeque<>();
  private long roundAtMillis;

  /** Rounds took something out of the log that is not deleted yet. */
  private boolean uncollected;

  private long forgotten;

  /**
   * @param nowNs of a clock that never goes back; says how long work took
   */
  public Compactor(
      ShardHost host,
      ShardContext context,
      CompactionLock lock,
      LongSupplier nowNs,
      RandomGenerator random) {
    this.host = host;
    this.context = context;
    this.lock = lock;
    this.nowNs = nowNs;
    this.random = random;
    this.clock = context.clock();
  }

  /** From now on, until the loop ends. Any thread. */
  public void start() {
    checkLater();
    forgetAfter(FORGET_MILLIS);
  }

  private void checkLater() {
    context.loop().after(CHECK_MILLIS / 2 + random.nextLong(CHECK_MILLIS), this::check);
  }

  private void check() {
    CompletableFuture<Void> checked =
        due() ? told(round(), "compaction ended early") : CompletableFuture.completedFuture(null);
    checked.thenRunAsync(this::checkLater, context.loop());
  }

  /** Beside the rounds, which take seconds: what gathers until their end would be a large step. */
  private void forgetAfter(long millis) {
    context.loop().after(millis, this::forget);
  }

  private void forget() {
    long beganNs = nowNs.getAsLong();
    told(forgetHistory(), "history was not freed")
        .thenRunAsync(
            () -> {
              long tookMillis = TimeUnit.NANOSECONDS.toMillis(nowNs.getAsLong() - beganNs);
              forgetAfter(
                  Math.clamp(
                      FORGET_REST_FACTOR * tookMillis, FORGET_MILLIS, FORGET_REST_MILLIS_MAX));
            },
            context.loop());
  }

  /** Done in any case: neither work keeps the other from being done, nor from being tried again. */
  private static CompletableFuture<Void> told(CompletableFuture<Void> work, String failed) {
    return work.exceptionally(error -> {
      LOG.atWarn()
          .addKeyValue("action", "compaction_failed")
          .log("{} and is tried again: {}", failed, error.toString());
      return null;
    });
  }

  /** Whether a round has something to do, and is to do it now. */
  boolean due() {
    return uncollected && rested() || archivingDue();
  }

  private boolean archivingDue() {
    return host.serving().stream().anyMatch(OwnedShard::hasTaken)
        || pressed()
        || backlog().reaches(rested() ? ENOUGH : TOO_MUCH);
  }

  private boolean rested() {
    return clock.millis() - roundAtMillis >= ROUND_MILLIS;
  }

  private Backlog backlog() {
    long bytes = 0;
    long segments = 0;
    for (OwnedShard shard : host.serving()) {
      bytes += shard.hotBytes();
      segments += shard.hotSegments();
    }
    return new Backlog(bytes, segments);
  }

  /** Whether writes will soon be refused for what is not archived: then nothing rests. */
  private boolean pressed() {
    return context.admission().hotHalfFull();
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
    boolean archives = archivingDue();
    roundAtMillis = clock.millis();
    CompletableFuture<Void> archived = NOTHING;
    CompletableFuture<Void> collected = NOTHING;
    if (archives) {
      CompletableFuture<Void> archiving =
          archive(host.serving().iterator(), revision)
              .thenComposeAsync(done -> advance(host.serving(), revision), context.loop());
      archived = archiving;
      collected = collect(revision, () -> !archiving.isDone());
    }
    return CompletableFuture.allOf(archived, collected)
        .thenComposeAsync(done -> collectForASecond(revision), context.loop())
        .handleAsync(
            (done, error) -> {
              uncollected |= error != null;
              return error;
            },
            context.loop())
        .thenCompose(error ->
            lock.release(revision)
                .thenCompose(
                    released -> error == null ? NOTHING : CompletableFuture.failedFuture(error)));
  }

  private CompletableFuture<Void> collectForASecond(long lockRevision) {
    long beganNs = nowNs.getAsLong();
    return collect(lockRevision, () -> nowNs.getAsLong() - beganNs < COLLECT_ALONE_NS_MAX);
  }

  /**
   * @param goesOn asked on the loop, after each delete
   */
  private CompletableFuture<Void> collect(long lockRevision, BooleanSupplier goesOn) {
    long atMillis = clock.millis();
    return context
        .log()
        .collect(lockRevision, () -> restBetweenDeletes(goesOn))
        .thenAcceptAsync(
            collected -> {
              points.add(new Point(collected.point(), atMillis));
              uncollected = !collected.all();
            },
            context.loop());
  }

  private CompletableFuture<Void> archive(Iterator<OwnedShard> shards, long lockRevision) {
    if (!shards.hasNext()) {
      return CompletableFuture.completedFuture(null);
    }
    OwnedShard shard = shards.next();
    long beganNs = nowNs.getAsLong();
    return archive(shard, lockRevision)
        .thenComposeAsync(trimmed -> rest(trimmed, nowNs.getAsLong() - beganNs), context.loop())
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

  private CompletableFuture<Boolean> restBetweenDeletes(BooleanSupplier goesOn) {
    CompletableFuture<Boolean> rested = new CompletableFuture<>();
    Loop loop = context.loop();
    loop.execute(() -> {
      if (goesOn.getAsBoolean()) {
        loop.after(pressed() ? 0 : COLLECT_REST_MILLIS, () -> rested.complete(true));
      } else {
        rested.complete(false);
      }
    });
    return rested;
  }

  /** For as long as the work took, so that archiving takes half of what etcd can do at most. */
  private CompletableFuture<Trimmed> rest(Trimmed trimmed, long workedNs) {
    if (pressed()) {
      return CompletableFuture.completedFuture(trimmed);
    }
    CompletableFuture<Trimmed> rested = new CompletableFuture<>();
    context
        .loop()
        .schedule(
            () -> rested.complete(trimmed), Math.min(workedNs, REST_MAX_NS), TimeUnit.NANOSECONDS);
    return rested;
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

  /**
   * Frees what is older than the time for which history is kept, in steps: between two points that
   * are not far apart the revision of a moment is taken in proportion.
   */
  CompletableFuture<Void> forgetHistory() {
    long untilMillis = clock.millis() - HISTORY_MILLIS;
    Point before = null;
    while (!points.isEmpty() && points.peek().atMillis() <= untilMillis) {
      before = points.remove();
    }
    if (before == null) {
      return CompletableFuture.completedFuture(null);
    }
    long revision = revisionAt(untilMillis, before);
    points.addFirst(before);
    if (revision == forgotten) {
      return CompletableFuture.completedFuture(null);
    }
    Point tried = before;
    return context
        .log()
        .forgetHistory(revision)
        .whenCompleteAsync(
            (done, error) -> {
              if (error == null) {
                forgotten = revision;
              } else {
                // A restored store may never have had it; the next point is as good.
                points.remove(tried);
              }
            },
            context.loop());
  }

  private long revisionAt(long atMillis, Point before) {
    Point after = points.isEmpty() ? before : points.peek();
    long millis = after.atMillis() - before.atMillis();
    return millis == 0 || millis > APART_MILLIS_MAX
        ? before.revision()
        : before.revision()
            + (after.revision() - before.revision()) * (atMillis - before.atMillis()) / millis;
  }
}
