package io.aetherflow.gateway.ws;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** A token bucket per user, shared by the user's sockets at this gateway. Thread-safe. */
final class MessageRates {
  private final double perNs;
  private final double burst;
  private final int socketsMax;
  private final LongSupplier nowNs;
  private final ConcurrentHashMap<String, Bucket> buckets = new ConcurrentHashMap<>();

  private static final class Bucket {
    double tokens;
    long filledNs;
    int sockets;
  }

  /**
   * @param socketsMax sockets of one user
   */
  MessageRates(int perSecond, int burst, int socketsMax, LongSupplier nowNs) {
    this.socketsMax = socketsMax;
    this.perNs = perSecond / (double) TimeUnit.SECONDS.toNanos(1);
    this.burst = burst;
    this.nowNs = nowNs;
  }

  /**
   * A socket of the user opened; false when it is one too many, and then it must not leave. A
   * bucket lives while it has sockets.
   */
  boolean join(String user) {
    boolean[] joined = new boolean[1];
    buckets.compute(
        user,
        (_, known) -> {
          Bucket bucket = known;
          if (bucket == null) {
            bucket = new Bucket();
            bucket.tokens = burst;
            bucket.filledNs = nowNs.getAsLong();
          }
          joined[0] = bucket.sockets < socketsMax;
          bucket.sockets += joined[0] ? 1 : 0;
          return bucket;
        });
    return joined[0];
  }

  void leave(String user) {
    buckets.computeIfPresent(user, (_, bucket) -> --bucket.sockets == 0 ? null : bucket);
  }

  /** Takes one message's allowance; false when the user is over the limit. */
  boolean allow(String user) {
    boolean[] allowed = new boolean[1];
    buckets.computeIfPresent(
        user,
        (_, bucket) -> {
          long now = nowNs.getAsLong();
          bucket.tokens = Math.min(burst, bucket.tokens + (now - bucket.filledNs) * perNs);
          bucket.filledNs = now;
          if (bucket.tokens >= 1) {
            bucket.tokens--;
            allowed[0] = true;
          }
          return bucket;
        });
    return allowed[0];
  }
}
