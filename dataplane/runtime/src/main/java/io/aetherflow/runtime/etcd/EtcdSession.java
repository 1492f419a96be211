package io.aetherflow.runtime.etcd;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.Lease;
import io.etcd.jetcd.lease.LeaseKeepAliveResponse;
import io.etcd.jetcd.options.PutOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One lease and every key that this pod holds under it.
 *
 * <p>When the lease is lost (etcd was away for longer than its term, or came back without data), a
 * new one is granted and all keys are put again. All state changes happen on the given
 * single-threaded scheduler; public methods may be called from any thread and never block.
 */
public final class EtcdSession implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EtcdSession.class);

  /** Then etcd counts as away; renewals do not wait for each other. */
  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(2);

  private static final int RENEWALS_PER_TERM = 3;

  private final Client client;
  private final Duration ttl;
  private final Duration renewalPeriod;
  private final ScheduledExecutorService scheduler;
  private final LongSupplier nowNs;
  private final Backoff backoff;
  private final Map<String, String> keys = new TreeMap<>();
  private final List<LongConsumer> leaseListeners = new ArrayList<>();
  private volatile long leaseId;

  /** The last lease that the listeners were told of, on the scheduler. */
  private long toldLease;

  /** When the last call for the present lease that was answered was made. */
  private volatile long renewedNs;

  /** The present row of renewals; what remains of an earlier one ends. */
  private long renewals;

  private volatile boolean connected;
  private volatile boolean everConnected;
  private volatile boolean closed;

  /** Starts at once, with three renewals per term; nothing has to be reachable yet. */
  public EtcdSession(
      Client client,
      Duration ttl,
      ScheduledExecutorService scheduler,
      LongSupplier nowNs,
      RandomGenerator random) {
    this(client, ttl, ttl.dividedBy(RENEWALS_PER_TERM), scheduler, nowNs, random);
  }

  /**
   * As above.
   *
   * @param renewalPeriod from one renewal to the next, whether or not the first is answered
   */
  public EtcdSession(
      Client client,
      Duration ttl,
      Duration renewalPeriod,
      ScheduledExecutorService scheduler,
      LongSupplier nowNs,
      RandomGenerator random) {
    this.client = client;
    this.ttl = ttl;
    this.renewalPeriod = renewalPeriod;
    this.scheduler = scheduler;
    this.nowNs = nowNs;
    this.backoff = new Backoff(random);
    scheduler.execute(this::grant);
  }

  public Client client() {
    return client;
  }

  /** The present lease; 0 while there is none. */
  public long leaseId() {
    return leaseId;
  }

  /**
   * Whether the present lease was granted or renewed by a call made at most so long ago: etcd's own
   * count of its term began later than that call.
   */
  public boolean renewedWithin(Duration time) {
    return leaseId != 0 && nowNs.getAsLong() - renewedNs < time.toNanos();
  }

  /** Whether the last call to etcd was answered. */
  public boolean connected() {
    return connected;
  }

  /** Whether etcd has ever answered this process. */
  public boolean everConnected() {
    return everConnected;
  }

  /**
   * Called on the scheduler with the present lease, if there is one, and with each new one, after
   * the keys were put under it; never with one that was lost meanwhile.
   */
  public void onLeaseChange(LongConsumer listener) {
    scheduler.execute(() -> {
      leaseListeners.add(listener);
      if (leaseId != 0 && leaseId == toldLease) {
        listener.accept(leaseId);
      }
    });
  }

  /** Holds a key from now on: put at once, and again under every later lease. */
  public void put(String key, String value) {
    scheduler.execute(() -> {
      keys.put(key, value);
      if (leaseId != 0) {
        putLeased(key, value);
      }
    });
  }

  /** Gives a key up; completes when etcd has forgotten it or did not answer in time. */
  public CompletableFuture<Void> remove(String key) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    scheduler.execute(() -> {
      keys.remove(key);
      client
          .getKVClient()
          .delete(Bytes.of(key))
          .orTimeout(CALL_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
          .whenComplete((ok, error) -> done.complete(null));
    });
    return done;
  }

  private void grant() {
    if (closed) {
      return;
    }
    long sentNs = nowNs.getAsLong();
    leases()
        .grant(ttl.toSeconds())
        .orTimeout(CALL_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
        .whenCompleteAsync(
            (granted, error) -> {
              if (error == null) {
                granted(granted.getID(), sentNs);
              } else {
                disconnected(error);
                later(this::grant, backoff.next());
              }
            },
            scheduler);
  }

  private void granted(long id, long sentNs) {
    answered();
    renewedNs = sentNs;
    leaseId = id;
    CompletableFuture<?>[] puts =
        keys.entrySet().stream()
            .map(entry -> putLeased(entry.getKey(), entry.getValue()))
            .toArray(CompletableFuture[]::new);
    CompletableFuture.allOf(puts).whenCompleteAsync((ok, error) -> tell(id), scheduler);
    // At once, for a grant that took long proves little: an etcd that starts answers late.
    renewFrom(id, Duration.ZERO);
  }

  /** The puts of a lease may end after the next one was granted. */
  private void tell(long id) {
    if (id == leaseId) {
      toldLease = id;
      leaseListeners.forEach(listener -> listener.accept(id));
    }
  }

  private void renewFrom(long id, Duration delay) {
    long mine = ++renewals;
    later(() -> renew(id, mine), delay);
  }

  /**
   * While etcd answers, the next one does not wait for the answer: the member that was asked may be
   * paused, and another is asked next.
   */
  private void renew(long id, long mine) {
    if (closed || id != leaseId || mine != renewals) {
      return;
    }
    long sentNs = nowNs.getAsLong();
    leases()
        .keepAliveOnce(id)
        .orTimeout(CALL_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
        .whenCompleteAsync(
            (renewed, error) -> {
              if (id == leaseId) {
                renewed(mine, sentNs, renewed, error);
              }
            },
            scheduler);
    if (connected) {
      later(() -> renew(id, mine), renewalPeriod);
    }
  }

  private void renewed(long mine, long sentNs, LeaseKeepAliveResponse renewed, Throwable error) {
    boolean newest = sentNs - renewedNs > 0;
    if (error == null && renewed.getTTL() > 0) {
      renewedNs = newest ? sentNs : renewedNs;
      if (!connected) {
        renewFrom(leaseId, renewalPeriod);
      }
      answered();
    } else if (error == null || Failures.leaseNotFound(error)) {
      LOG.atWarn().addKeyValue("action", "etcd_lease_lost").log("lease lost; asking for a new one");
      leaseId = 0;
      grant();
    } else if (newest && mine == renewals) {
      disconnected(error);
      renewFrom(leaseId, backoff.next());
    }
  }

  private CompletableFuture<?> putLeased(String key, String value) {
    long lease = leaseId;
    return client
        .getKVClient()
        .put(Bytes.of(key), Bytes.of(value), PutOption.builder().withLeaseId(lease).build())
        .orTimeout(CALL_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
        .whenCompleteAsync(
            (ok, error) -> {
              if (error != null && !closed && lease == leaseId && value.equals(keys.get(key))) {
                disconnected(error);
                later(() -> retryPut(key, value, lease), backoff.next());
              }
            },
            scheduler);
  }

  private void retryPut(String key, String value, long lease) {
    if (lease == leaseId && value.equals(keys.get(key))) {
      putLeased(key, value);
    }
  }

  private Lease leases() {
    return client.getLeaseClient();
  }

  private void answered() {
    if (!connected) {
      LOG.atInfo().addKeyValue("action", "etcd_connected").log("etcd answers");
    }
    connected = true;
    everConnected = true;
    backoff.reset();
  }

  private void disconnected(Throwable error) {
    if (connected || !everConnected) {
      LOG.atWarn()
          .addKeyValue("action", "etcd_unreachable")
          .log("etcd does not answer ({}); trying again", Failures.sentence(error));
    }
    connected = false;
  }

  private void later(Runnable step, Duration delay) {
    if (!closed) {
      scheduler.schedule(step, delay.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  /** Revokes the lease, and with it every key, as far as etcd answers in time. */
  @Override
  public void close() {
    closed = true;
    long lease = leaseId;
    if (lease != 0) {
      client
          .getLeaseClient()
          .revoke(lease)
          .orTimeout(CALL_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
          .handle((ok, error) -> null)
          .join();
    }
  }
}
