package io.aetherflow.statesync.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aetherflow.statesync.loop.Loop;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SuspectsTest {
  private static final long LEASE = 7;

  private final Loop loop = new Loop("documents");
  private final AtomicLong nowNs = new AtomicLong();
  private final Map<String, Long> leaseOf = new ConcurrentHashMap<>(Map.of("s-1", LEASE));
  private final Set<Long> ended = ConcurrentHashMap.newKeySet();
  private final AtomicInteger questions = new AtomicInteger();
  private volatile boolean overdue;
  private volatile boolean overdueOnce;
  private volatile boolean away;
  private volatile boolean proven = true;
  private final Suspects suspects = new Suspects(loop, new Leases(), () -> proven, nowNs::get);

  private final class Leases implements Suspects.Leases {
    @Override
    public CompletableFuture<OptionalLong> of(String member) {
      Long lease = leaseOf.get(member);
      return CompletableFuture.completedFuture(
          lease == null ? OptionalLong.empty() : OptionalLong.of(lease));
    }

    @Override
    public CompletableFuture<Boolean> overdue(long lease) {
      questions.incrementAndGet();
      boolean once = overdueOnce;
      overdueOnce = false;
      return away
          ? CompletableFuture.failedFuture(new IllegalStateException("away"))
          : CompletableFuture.completedFuture(overdue || once);
    }

    @Override
    public CompletableFuture<Void> end(long lease) {
      ended.add(lease);
      return CompletableFuture.completedFuture(null);
    }
  }

  @AfterEach
  void stop() {
    loop.shutdownNow();
  }

  private void suspect() {
    loop.execute(() -> suspects.add("s-1"));
  }

  private void awaitQuestions(int more) {
    int before = questions.get();
    await().until(() -> questions.get() >= before + more);
  }

  @Test
  void whoIsMissedByACallerAndByEtcdIsNoMemberAnyMore() {
    suspect();
    awaitQuestions(3);
    assertThat(ended).as("it renews").isEmpty();
    overdue = true;
    await().until(() -> ended.contains(LEASE));
  }

  @Test
  void whoIsNotHeardByEtcdItselfJudgesNobody() {
    overdue = true;
    proven = false;
    suspect();
    awaitQuestions(3);
    assertThat(ended).isEmpty();
    proven = true;
    await().until(() -> ended.contains(LEASE));
  }

  @Test
  void oneLookIsNoProof() {
    overdueOnce = true;
    suspect();
    awaitQuestions(4);
    assertThat(ended).as("a leader that was replaced said so").isEmpty();
  }

  @Test
  void anEtcdThatIsAwayEndsNoMembership() {
    away = true;
    overdue = true;
    suspect();
    awaitQuestions(3);
    assertThat(ended).isEmpty();
  }

  @Test
  void aSuspicionIsForgottenAndMayComeAgain() throws Exception {
    suspect();
    awaitQuestions(1);
    nowNs.addAndGet(TimeUnit.SECONDS.toNanos(2));
    awaitForgotten();
    overdue = true;
    awaitForgotten();
    assertThat(ended).as("nobody misses it now").isEmpty();
    suspect();
    await().until(() -> ended.contains(LEASE));
  }

  /** No question for several times the pause between two. */
  private void awaitForgotten() {
    await()
        .during(300, TimeUnit.MILLISECONDS)
        .until(() -> {
          int before = questions.getAndSet(0);
          return before == 0;
        });
  }

  @Test
  void whoHasLeftIsNotAskedAbout() throws Exception {
    leaseOf.clear();
    suspect();
    loop.submit(() -> {}).get();
    assertThat(questions).hasValue(0);
    leaseOf.put("s-1", LEASE);
    overdue = true;
    suspect();
    await().until(() -> ended.contains(LEASE));
  }

  @Test
  void etcdsWholeSecondsSayWhenARenewalIsOverdue() {
    assertThat(MemberLeases.isOverdue(1, 2)).as("1 to 2 s are left").isFalse();
    assertThat(MemberLeases.isOverdue(0, 2)).as("less than 1 s is left").isTrue();
    assertThat(MemberLeases.isOverdue(3, 2)).as("a new leader grants more").isFalse();
    assertThat(MemberLeases.isOverdue(4, 5)).as("an etcd with slow elections").isFalse();
    assertThat(MemberLeases.isOverdue(3, 5)).isTrue();
    assertThat(MemberLeases.isOverdue(-1, 0)).as("no such lease").isFalse();
  }
}
