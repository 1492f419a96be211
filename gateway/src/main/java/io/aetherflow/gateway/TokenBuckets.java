package io.aetherflow.gateway;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** A token bucket per user; one that is full again is forgotten. Thread-safe. */
public final class TokenBuckets {
  private static final long SWEEP_NS = TimeUnit.SECONDS.toNanos(10);

  private record Bucket(double tokens, long filledNs) {}

  private final double perNs;
  private final double burst;
  private final LongSupplier nowNs;
  private final ConcurrentHashMap<String, Bucket> buckets = new ConcurrentHashMap<>();
  private final AtomicLong sweptNs;

  /**
   * @param burst tokens of a full bucket
   */
  public TokenBuckets(int perSecond, int burst, LongSupplier nowNs) {
    this.perNs = perSecond / (double) TimeUnit.SECONDS.toNanos(1);
    this.burst = burst;
    this.nowNs = nowNs;
    this.sweptNs = new AtomicLong(nowNs.getAsLong());
  }

  /** Takes one token; false when the user has none. */
  public boolean allow(String user) {
    long now = nowNs.getAsLong();
    sweep(now);
    boolean[] allowed = new boolean[1];
    buckets.compute(
        user,
        (_, known) -> {
          double level = known == null ? burst : level(known, now);
          allowed[0] = level >= 1;
          return new Bucket(allowed[0] ? level - 1 : level, now);
        });
    return allowed[0];
  }

  private void sweep(long now) {
    long swept = sweptNs.get();
    if (now - swept >= SWEEP_NS && sweptNs.compareAndSet(swept, now)) {
      buckets.values().removeIf(bucket -> level(bucket, now) >= burst);
    }
  }

  /** Users whose bucket is not known to be full. */
  int users() {
    return buckets.size();
  }

  /** A clock that another thread read earlier takes nothing. */
  private double level(Bucket bucket, long now) {
    return Math.min(burst, bucket.tokens() + Math.max(0, now - bucket.filledNs()) * perNs);
  }
}
