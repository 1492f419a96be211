package io.aetherflow.statesync.shard;

import io.aetherflow.statesync.loop.Loop;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Members that somebody hears nothing of. Two witnesses end a membership before its lease does: a
 * caller that waits for another owner, and etcd, which has had no renewal for a while. Loop only.
 */
final class Suspects {
  private static final Logger LOG = LoggerFactory.getLogger(Suspects.class);

  private static final long ASK_MILLIS = 50;

  /** After the last caller that misses a member: longer than callers take to come again. */
  private static final long SUSPECTED_NS = TimeUnit.MILLISECONDS.toNanos(1_500);

  private final Loop loop;
  private final Leases leases;
  private final BooleanSupplier proven;
  private final LongSupplier nowNs;
  private final Map<String, Long> untilNs = new HashMap<>();

  /** What etcd knows of members' leases. */
  interface Leases {
    /** Of the member's key; empty when there is none. */
    CompletableFuture<OptionalLong> of(String member);

    /** Whether no renewal has come for so long that it may be ended. */
    CompletableFuture<Boolean> overdue(long lease);

    CompletableFuture<Void> end(long lease);
  }

  /**
   * @param proven whether etcd hears this instance; one that it does not hear judges nobody
   */
  Suspects(Loop loop, Leases leases, BooleanSupplier proven, LongSupplier nowNs) {
    this.loop = loop;
    this.leases = leases;
    this.proven = proven;
    this.nowNs = nowNs;
  }

  void add(String member) {
    if (untilNs.put(member, nowNs.getAsLong() + SUSPECTED_NS) == null) {
      look(member, Verdict.RENEWS);
    }
  }

  private enum Verdict {
    RENEWS,
    OVERDUE,
    GONE
  }

  private void look(String member, Verdict before) {
    loop.whenDone(
        leases
            .of(member)
            .thenCompose(lease ->
                lease.isEmpty()
                    ? CompletableFuture.completedFuture(Verdict.GONE)
                    : judge(member, lease.getAsLong(), before)),
        (verdict, error) -> {
          boolean over = nowNs.getAsLong() - untilNs.get(member) > 0;
          if (over || verdict == Verdict.GONE) {
            untilNs.remove(member);
          } else {
            loop.after(ASK_MILLIS, () -> look(member, error == null ? verdict : Verdict.RENEWS));
          }
        });
  }

  /**
   * Takes two looks in a row: an etcd leader that was paused goes on counting, without renewals,
   * for the moment until it learns that it was replaced.
   */
  private CompletableFuture<Verdict> judge(String member, long lease, Verdict before) {
    return leases
        .overdue(lease)
        .thenCompose(overdue -> {
          if (!overdue || !proven.getAsBoolean()) {
            return CompletableFuture.completedFuture(Verdict.RENEWS);
          }
          if (before != Verdict.OVERDUE) {
            return CompletableFuture.completedFuture(Verdict.OVERDUE);
          }
          LOG.atInfo()
              .addKeyValue("action", "member_ended")
              .log("{} is missed, and etcd hears nothing of it: its lease ends now", member);
          return leases.end(lease).thenApply(done -> Verdict.GONE);
        });
  }
}
