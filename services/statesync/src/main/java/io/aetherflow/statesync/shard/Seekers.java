package io.aetherflow.statesync.shard;

import io.aetherflow.statesync.loop.Loop;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/**
 * Callers that wait until a shard is owned by another than the one that refused them. Loop only.
 */
final class Seekers {
  /** Bounds callers that wait; further ones are answered at once. */
  private static final int SEEKERS_MAX = 16_384;

  private final Loop loop;
  private final IntFunction<Location> locate;
  private final Set<Seeker> waiting = new LinkedHashSet<>();

  /**
   * @param staleEpoch of the owner that is not wanted; 0 for any owner, negative for any that has
   *     claimed the shard
   */
  record Seeker(int shard, long staleEpoch, Consumer<Location> answer) {
    boolean takes(Location found) {
      return !found.owner().isEmpty()
          && (staleEpoch == 0 || found.epoch() > Math.max(0, staleEpoch));
    }
  }

  /**
   * @param locate what is known of a shard now
   */
  Seekers(Loop loop, IntFunction<Location> locate) {
    this.loop = loop;
    this.locate = locate;
  }

  /** Answers as soon as it can, and when the time is up with what is known. */
  void add(Seeker seeker, long millis) {
    Location now = locate.apply(seeker.shard());
    if (waiting.size() >= SEEKERS_MAX || seeker.takes(now)) {
      seeker.answer().accept(now);
      return;
    }
    waiting.add(seeker);
    loop.after(
        millis,
        () -> {
          if (waiting.remove(seeker)) {
            seeker.answer().accept(locate.apply(seeker.shard()));
          }
        });
  }

  /** Something changed. */
  void review() {
    for (Seeker each : List.copyOf(waiting)) {
      Location now = locate.apply(each.shard());
      if (each.takes(now) && waiting.remove(each)) {
        each.answer().accept(now);
      }
    }
  }
}
