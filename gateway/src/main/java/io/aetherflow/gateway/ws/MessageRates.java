package io.aetherflow.gateway.ws;

import io.aetherflow.gateway.TokenBuckets;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/** What a user's sockets at this gateway may do together. Thread-safe. */
final class MessageRates {
  private final TokenBuckets buckets;
  private final int socketsMax;
  private final ConcurrentHashMap<String, Integer> sockets = new ConcurrentHashMap<>();

  /**
   * @param socketsMax sockets of one user
   */
  MessageRates(int perSecond, int burst, int socketsMax, LongSupplier nowNs) {
    this.buckets = new TokenBuckets(perSecond, burst, nowNs);
    this.socketsMax = socketsMax;
  }

  /** A socket of the user opened; false when it is one too many, and then it must not leave. */
  boolean join(String user) {
    boolean[] joined = new boolean[1];
    sockets.compute(
        user,
        (_, known) -> {
          int open = known == null ? 0 : known;
          joined[0] = open < socketsMax;
          return joined[0] ? Integer.valueOf(open + 1) : known;
        });
    return joined[0];
  }

  void leave(String user) {
    sockets.computeIfPresent(user, (_, open) -> open == 1 ? null : open - 1);
  }

  /** Takes one message's allowance; false when the user is over the limit. */
  boolean allow(String user) {
    return buckets.allow(user);
  }
}
