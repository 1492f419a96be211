package io.aetherflow.gateway.rest;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** A token bucket per user; one that is full again is forgotten. Thread-safe. */
public final class RequestRates {
  private static final long SWEEP_NS = TimeUnit.SECONDS.toNanos(10);

  private final double perNs;
  private final double burst;
  private final LongSupplier nowNs;
  private final Map<String, Bucket> buckets = new HashMap<>();
  private long sweptNs;

  private static final class Bucket {
    double tokens;
    long filledNs;
  }

  /** Allows bursts of twice the rate. */
  public RequestRates(int perSecond, LongSupplier nowNs) {
    this.perNs = perSecond / (double) TimeUnit.SECONDS.toNanos(1);
    this.burst = 2.0 * perSecond;
    this.nowNs = nowNs;
    this.sweptNs = nowNs.getAsLong();
  }

  /** Takes one request's allowance; false when the user is over the limit. */
  public synchronized boolean allow(String user) {
    long now = nowNs.getAsLong();
    if (now - sweptNs >= SWEEP_NS) {
      sweptNs = now;
      buckets.values().removeIf(bucket -> level(bucket, now) >= burst);
    }
    Bucket bucket = buckets.get(user);
    if (bucket == null) {
      bucket = new Bucket();
      bucket.tokens = burst;
      bucket.filledNs = now;
      buckets.put(user, bucket);
    }
    bucket.tokens = level(bucket, now);
    bucket.filledNs = now;
    if (bucket.tokens < 1) {
      return false;
    }
    bucket.tokens--;
    return true;
  }

  synchronized int users() {
    return buckets.size();
  }

  private double level(Bucket bucket, long now) {
    return Math.min(burst, bucket.tokens + (now - bucket.filledNs) * perNs);
  }
}
