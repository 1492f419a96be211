package io.aetherflow.e2e.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.e2e.cluster.Cluster;
import io.aetherflow.e2e.cluster.ClusterTest;
import io.aetherflow.e2e.cluster.LocalOnly;
import io.aetherflow.e2e.collab.Op;
import io.aetherflow.e2e.etcd.EtcdCredentials;
import io.aetherflow.e2e.etcd.EtcdView;
import io.aetherflow.e2e.faults.Fault.Target;
import io.aetherflow.e2e.faults.FaultInjector.Hit;
import io.aetherflow.e2e.faults.StoredLog.OwnerChange;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The main promise: 200 clients write to 50 documents while a process is killed or paused every 5
 * s; then the whole history is judged. {@code -De2e.faults.seconds} says for how long, {@code
 * -De2e.faults.seed} which faults; {@code -De2e.faults.bars=true} also holds failovers to their
 * limits, which takes a machine that does nothing else.
 */
@ClusterTest
@LocalOnly
@Order(72)
class FaultTest {
  private static final Logger LOG = LoggerFactory.getLogger(FaultTest.class);
  private static final int CLIENTS = 200;
  private static final int DOCUMENTS = 50;
  private static final Duration EVERY = Duration.ofSeconds(5);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(250);
  private static final Duration TIMEOUT = Duration.ofSeconds(180);
  private static final Duration OWNER_FAILOVER_MAX = Duration.ofSeconds(3);
  private static final Duration LEADER_FAILOVER_MAX = Duration.ofSeconds(6);

  private final Cluster cluster;
  private final int seconds = Integer.getInteger("e2e.faults.seconds", 45);
  private final boolean bars = Boolean.getBoolean("e2e.faults.bars");
  private final long seed = Long.getLong("e2e.faults.seed", System.nanoTime());

  FaultTest(Cluster cluster) {
    this.cluster = cluster;
  }

  @Test
  @Timeout(value = 20, unit = TimeUnit.MINUTES)
  void nothingAcknowledgedIsLostAndAllSeeOneOrder() throws InterruptedException {
    cluster.awaitReady();
    LOG.info("faults for {} s, seed {}", seconds, seed);
    try (EtcdFleet etcd = new EtcdFleet(cluster);
        FaultInjector injector = new FaultInjector(cluster, etcd, new FaultDeck(seed));
        LogWatch watch = watch(injector.replicas(Target.ETCD));
        Crowd crowd = new Crowd(cluster, "faults-" + Long.toHexString(seed), CLIENTS, DOCUMENTS)) {
      assertThat(injector.replicas(Target.ETCD)).as("etcd members").isGreaterThanOrEqualTo(3);
      assertThat(injector.replicas(Target.GATEWAY)).as("gateways").isGreaterThanOrEqualTo(2);
      assertThat(injector.replicas(Target.OWNER)).as("statesync").isGreaterThanOrEqualTo(2);
      crowd.awaitAttached();
      crowd.write();
      List<Hit> hits = faults(injector, crowd);
      injector.awaitResumed();
      crowd.settle();
      judge(hits, injector, crowd, watch);
    }
    cluster.awaitReady();
  }

  /** From now on; who owns what already is where it begins. */
  private LogWatch watch(int members) {
    try (EtcdView view = cluster.etcd()) {
      long now = view.revision();
      List<OwnerChange> present =
          view.list(LogWatch.OWNERS).stream()
              .map(each -> LogWatch.ownerChange(each.key(), each.modRevision(), each.value()))
              .toList();
      return new LogWatch(
          members,
          this::etcdAddress,
          EtcdCredentials.of(cluster.secret("etcd-certs")),
          now + 1,
          present);
    }
  }

  private Optional<String> etcdAddress(int index) {
    List<Pod> pods = cluster.pods("etcd");
    return index < pods.size()
        ? Optional.ofNullable(pods.get(index).getStatus().getPodIP())
        : Optional.empty();
  }

  /** One every 5 s; where all components still recover, as soon as one is whole again. */
  private List<Hit> faults(FaultInjector injector, Crowd crowd) {
    List<Hit> hits = new ArrayList<>();
    int wanted = (int) (seconds / EVERY.toSeconds());
    long startNs = System.nanoTime();
    long giveUpNs = startNs + TimeUnit.SECONDS.toNanos(3L * seconds);
    long dueNs = startNs;
    while (hits.size() < wanted && System.nanoTime() < giveUpNs) {
      LockSupport.parkNanos(Math.max(dueNs - System.nanoTime(), LOOK_AGAIN.toNanos()));
      crowd.refreshDoors(cluster);
      if (System.nanoTime() >= dueNs) {
        Optional<Hit> hit = injector.next();
        hit.ifPresent(hits::add);
        dueNs = System.nanoTime() + (hit.isPresent() ? EVERY : LOOK_AGAIN).toNanos();
      }
    }
    LockSupport.parkNanos(EVERY.toNanos());
    LOG.info(
        "{} faults in {} s",
        hits.size(),
        TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startNs));
    assertThat(hits).as("faults, seed %d", seed).hasSizeGreaterThanOrEqualTo(wanted);
    return hits;
  }

  private void judge(List<Hit> hits, FaultInjector injector, Crowd crowd, LogWatch watch) {
    Map<String, List<Op>> replays = crowd.replay();
    long operations = replays.values().stream().mapToLong(List::size).sum();
    Awaitility.await("the watches have seen every append")
        .atMost(TIMEOUT)
        .until(() -> watch.read(log -> operationsOf(log, replays)) >= operations);
    awaitOwners(watch);
    List<String> wrong = watch.read(log -> HistoryCheck.violations(crowd.views(), replays, log));
    Availability availability = new Availability(crowd.timings());
    Map<String, Integer> shardOf = watch.read(FaultTest::shards);
    long[] owners = availability.failoversNs(hits, shardOf, false);
    long[] leaders = availability.failoversNs(hits, shardOf, true);
    report(hits, crowd, availability, owners, leaders, operations);
    hits.stream()
        .filter(hit -> hit.fault().target() == Target.OWNER)
        .forEach(hit -> report(hit, availability.failoversNs(List.of(hit), shardOf, false)));

    assertThat(injector.ineffective()).as("faults without effect").isEmpty();
    assertThat(crowd.violations()).as("what clients noticed, seed %d", seed).isEmpty();
    assertThat(wrong).as("the history, seed %d", seed).isEmpty();
    assertThat(operations).as("operations").isGreaterThan((long) CLIENTS * seconds / 2);
    if (bars) {
      assertBars(owners, leaders);
    }
  }

  /** Ownership has watches of its own, which may be late; a writer without any is for the check. */
  private static void awaitOwners(LogWatch watch) {
    try {
      Awaitility.await("every writer's epoch").until(() -> watch.read(StoredLog::knowsAllEpochs));
    } catch (ConditionTimeoutException e) {
      LOG.warn("some append has an epoch that no owner key had");
    }
  }

  private void assertBars(long[] owners, long[] leaders) {
    assertThat(owners).as("documents whose owner was hit").isNotEmpty();
    assertThat(leaders).as("documents while etcd's leader was hit").isNotEmpty();
    assertThat(Availability.quantile(owners, 0.99))
        .as("p99 of a document's failover, seed %d", seed)
        .isLessThan(OWNER_FAILOVER_MAX);
    assertThat(Availability.quantile(leaders, 0.99))
        .as("p99 of a document's failover when etcd's leader was hit, seed %d", seed)
        .isLessThan(LEADER_FAILOVER_MAX);
  }

  private static long operationsOf(StoredLog log, Map<String, List<Op>> replays) {
    return log.parts().stream()
        .flatMap(part -> part.operations().stream())
        .filter(each -> replays.containsKey(each.document()))
        .count();
  }

  private static Map<String, Integer> shards(StoredLog log) {
    Map<String, Integer> shards = new HashMap<>();
    log.parts()
        .forEach(
            part -> part.operations().forEach(each -> shards.put(each.document(), part.shard())));
    return shards;
  }

  private static void report(Hit hit, long[] failovers) {
    LOG.info(
        "{} {}: {} documents, p50 {}, max {}",
        hit.fault().blow(),
        hit.pod(),
        failovers.length,
        Availability.quantile(failovers, 0.5),
        Availability.quantile(failovers, 1));
  }

  private void report(
      List<Hit> hits,
      Crowd crowd,
      Availability availability,
      long[] owners,
      long[] leaders,
      long operations) {
    LOG.info(
        "{} operations, {} connections of {} clients; {} faults: {} of owners, {} of etcd's leader",
        operations,
        crowd.connections(),
        CLIENTS,
        hits.size(),
        hits.stream().filter(hit -> hit.fault().target() == Target.OWNER).count(),
        hits.stream().filter(Hit::leader).count());
    LOG.info(
        "availability {} (acknowledged within 1 s); to acknowledge: p50 {}, p99 {}, max {}",
        "%.4f".formatted(availability.promptShare()),
        availability.latency(0.5),
        availability.latency(0.99),
        availability.latency(1));
    LOG.info(
        "failover of a document: {} samples, p50 {}, p99 {}, max {}; etcd's leader: {} samples, p50"
            + " {}, p99 {}, max {}",
        owners.length,
        Availability.quantile(owners, 0.5),
        Availability.quantile(owners, 0.99),
        Availability.quantile(owners, 1),
        leaders.length,
        Availability.quantile(leaders, 0.5),
        Availability.quantile(leaders, 0.99),
        Availability.quantile(leaders, 1));
  }
}
