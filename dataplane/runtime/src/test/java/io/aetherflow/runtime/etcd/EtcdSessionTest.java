package io.aetherflow.runtime.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.Lease;
import io.etcd.jetcd.kv.PutResponse;
import io.etcd.jetcd.lease.LeaseGrantResponse;
import io.etcd.jetcd.lease.LeaseKeepAliveResponse;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Renewals against an etcd that answers when the test says so. */
@Timeout(30)
class EtcdSessionTest {
  private static final long LEASE = 7;
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();

  /** Each look at it takes a nanosecond, so that no two calls are made at once. */
  private final AtomicLong nowNs = new AtomicLong();

  private final BlockingQueue<CompletableFuture<LeaseKeepAliveResponse>> renewals =
      new LinkedBlockingQueue<>();
  private final BlockingQueue<CompletableFuture<LeaseGrantResponse>> grants =
      new LinkedBlockingQueue<>();
  private final BlockingQueue<CompletableFuture<PutResponse>> puts = new LinkedBlockingQueue<>();
  private final EtcdSession session =
      new EtcdSession(
          etcd(),
          Duration.ofSeconds(2),
          Duration.ofMillis(20),
          scheduler,
          nowNs::incrementAndGet,
          new Random(1));

  @AfterEach
  void stop() {
    scheduler.shutdownNow();
  }

  private Client etcd() {
    Lease leases =
        proxy(Lease.class, name -> name.equals("grant") ? asked(grants) : asked(renewals));
    KV values = proxy(KV.class, name -> asked(puts));
    return proxy(Client.class, name -> name.equals("getKVClient") ? values : leases);
  }

  private static <T> T proxy(Class<T> of, Function<String, Object> answers) {
    return of.cast(
        Proxy.newProxyInstance(
            of.getClassLoader(),
            new Class<?>[] {of},
            (proxy, method, args) -> answers.apply(method.getName())));
  }

  private static <T> CompletableFuture<T> asked(BlockingQueue<CompletableFuture<T>> calls) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    calls.add(answer);
    return answer;
  }

  private void grant() throws Exception {
    grant(LEASE);
  }

  private void grant(long lease) throws Exception {
    settle();
    grants
        .take()
        .complete(
            new LeaseGrantResponse(
                io.etcd.jetcd.api.LeaseGrantResponse.newBuilder().setID(lease).setTTL(2).build()));
    settle();
  }

  /** The next renewal, when the session has turned to other things. */
  private CompletableFuture<LeaseKeepAliveResponse> taken() throws Exception {
    CompletableFuture<LeaseKeepAliveResponse> renewal = renewals.take();
    settle();
    return renewal;
  }

  private static LeaseKeepAliveResponse renewed() {
    return renewed(2);
  }

  private static LeaseKeepAliveResponse renewed(long ttlSeconds) {
    return new LeaseKeepAliveResponse(
        io.etcd.jetcd.api.LeaseKeepAliveResponse.newBuilder()
            .setID(LEASE)
            .setTTL(ttlSeconds)
            .build());
  }

  private void settle() throws Exception {
    scheduler.submit(() -> {}).get(10, TimeUnit.SECONDS);
  }

  @Test
  void aRenewalWithoutAnswerHoldsTheNextOneNotBack() throws Exception {
    grant();
    CompletableFuture<LeaseKeepAliveResponse> lost = taken();
    CompletableFuture<LeaseKeepAliveResponse> next = taken();
    nowNs.set(SECOND.toNanos());
    assertThat(session.renewedWithin(SECOND)).isFalse();
    settle();
    renewals.clear();
    taken().complete(renewed());
    next.complete(renewed());
    settle();
    assertThat(session.renewedWithin(SECOND)).as("an earlier call takes nothing back").isTrue();
    lost.completeExceptionally(new IllegalStateException("lost"));
    settle();
    assertThat(session.connected()).as("a later one was answered").isTrue();
  }

  @Test
  void theTermIsCountedFromTheCallAndNotFromItsAnswer() throws Exception {
    assertThat(session.renewedWithin(SECOND)).as("without a lease").isFalse();
    settle();
    nowNs.set(SECOND.toNanos() / 2);
    grant();
    assertThat(session.renewedWithin(SECOND)).isTrue();
    nowNs.set(SECOND.toNanos());
    assertThat(session.renewedWithin(SECOND)).isFalse();
  }

  @Test
  void aFailedRenewalIsRepeatedAndTold() throws Exception {
    grant();
    assertThat(session.connected()).isTrue();
    taken().completeExceptionally(new IllegalStateException("away"));
    settle();
    assertThat(session.connected()).isFalse();
    renewals.clear();
    taken().complete(renewed());
    settle();
    assertThat(session.connected()).isTrue();
    assertThat(renewals.poll(10, TimeUnit.SECONDS)).as("the row goes on").isNotNull();
    assertThat(renewals.poll(10, TimeUnit.SECONDS)).as("and on").isNotNull();
  }

  @Test
  void nobodyIsToldOfALeaseThatWasLostBeforeItsKeysWerePut() throws Exception {
    List<Long> told = new CopyOnWriteArrayList<>();
    session.onLeaseChange(told::add);
    session.put("/key", "value");
    grant();
    CompletableFuture<PutResponse> putUnderTheLost = puts.take();
    taken().complete(renewed(0));
    grant(LEASE + 1);
    puts.take().complete(null);
    settle();
    putUnderTheLost.complete(null);
    settle();
    settle();
    assertThat(told).containsExactly(LEASE + 1);
  }

  @Test
  void whoComesAfterTheGrantIsToldOnce() throws Exception {
    session.put("/key", "value");
    grant();
    List<Long> told = new CopyOnWriteArrayList<>();
    session.onLeaseChange(told::add);
    settle();
    assertThat(told).as("before its keys were put").isEmpty();
    puts.take().complete(null);
    settle();
    settle();
    List<Long> toldLater = new CopyOnWriteArrayList<>();
    session.onLeaseChange(toldLater::add);
    settle();
    assertThat(told).containsExactly(LEASE);
    assertThat(toldLater).containsExactly(LEASE);
  }
}
