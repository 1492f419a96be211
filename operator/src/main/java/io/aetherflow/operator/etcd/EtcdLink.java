package io.aetherflow.operator.etcd;

import static io.aetherflow.operator.etcd.TuningStore.bytes;

import io.aetherflow.api.EtcdKeys;
import io.aetherflow.api.Tuning;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.options.WatchOption;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the facts about one cluster's etcd current and its tuning published, on a thread of its
 * own. A watch tells when to look; what counts is the read that follows, so a missed or doubled
 * event does no harm.
 *
 * <p>Methods return at once and may be called from any thread.
 */
final class EtcdLink implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EtcdLink.class);

  /** How often to look although nothing was told, while all is well. */
  private static final long STEADY_PERIOD_MILLIS = 5_000;

  /** The same while something is missing: a cluster that starts should not wait for us. */
  private static final long TROUBLE_PERIOD_MILLIS = 400;

  /** How soon an order that etcd refused is tried again: a learner catches up in moments. */
  private static final long ORDER_PERIOD_MILLIS = 100;

  /** A client that failed this often in a row is replaced: its addresses may be outdated. */
  private static final int FAILURES_BEFORE_RECONNECT = 5;

  private final EtcdClients clients;
  private final Runnable onChange;
  private final Semaphore wake = new Semaphore(0);
  private final MemberWatch members;
  private final EtcdUpkeep upkeep;
  private final Thread worker;

  private volatile EtcdTarget target;
  private volatile Optional<Tuning> desired = Optional.empty();
  private volatile Optional<EtcdCommand> order = Optional.empty();
  private volatile EtcdFacts facts = EtcdFacts.UNKNOWN;
  private volatile boolean closed;

  private Optional<EtcdClients.Connection> connection = Optional.empty();
  private volatile EtcdTarget connected;
  private Optional<EtcdCommand> done = Optional.empty();
  private List<Watch.Watcher> watchers = List.of();
  private volatile boolean watchBroken;
  private int failures;

  /**
   * @param clients shared with other links
   * @param onChange called on the link's thread after the facts changed
   */
  EtcdLink(String name, EtcdTarget target, EtcdClients clients, Runnable onChange) {
    this.target = target;
    this.clients = clients;
    this.onChange = onChange;
    this.members = new MemberWatch(name, target, System::nanoTime, wake::release);
    this.upkeep =
        new EtcdUpkeep(
            UpkeepPlan.DEFAULT, this::situation, this::client, wake::release, System::nanoTime);
    if (target.own()) {
      upkeep.start(name);
    }
    this.worker = Thread.ofVirtual().name("etcd-" + name).start(this::run);
  }

  EtcdTarget target() {
    return target;
  }

  EtcdFacts facts() {
    return facts;
  }

  /** The tuning to keep published, or nothing to write nothing. */
  void desire(Optional<Tuning> tuning) {
    if (!tuning.equals(desired)) {
      desired = tuning;
      wake.release();
    }
  }

  /** The same store, by other members. */
  void retarget(EtcdTarget now) {
    if (!now.equals(target)) {
      target = now;
      members.retarget(now);
      wake.release();
    }
  }

  /** What to do about the members, or nothing; tried until done or replaced by another order. */
  void order(Optional<EtcdCommand> command) {
    if (!command.equals(order)) {
      order = command;
      wake.release();
    }
  }

  /** Whether to leave the databases alone for now; returns whether nothing is done to them. */
  boolean holdUpkeep(boolean hold) {
    return upkeep.hold(hold);
  }

  /** Look at the members soon: something suggests that one came or went. */
  void look() {
    members.look();
  }

  private void run() {
    while (!closed) {
      try {
        EtcdFacts seen = observe();
        if (!seen.equals(facts)) {
          facts = seen;
          onChange.run();
        }
        // One permit is enough to look again; what arrived meanwhile is covered by that look.
        if (wake.tryAcquire(periodMillis(seen), TimeUnit.MILLISECONDS)) {
          wake.drainPermits();
        }
      } catch (InterruptedException e) {
        break;
      } catch (RuntimeException e) {
        LOG.atError().addKeyValue("action", "etcd_link_failed").setCause(e).log("etcd link failed");
        facts = facts.failing(e.toString());
        onChange.run();
        disconnect(EtcdClients.Connection::giveUp);
        pause();
      }
    }
    disconnect(EtcdClients.Connection::close);
  }

  private long periodMillis(EtcdFacts seen) {
    if (seen.refusal().isPresent()) {
      return ORDER_PERIOD_MILLIS;
    }
    return seen.available() ? STEADY_PERIOD_MILLIS : TROUBLE_PERIOD_MILLIS;
  }

  private EtcdFacts observe() throws InterruptedException {
    Optional<EtcdFacts.Stored> stored = facts.store();
    Optional<List<RosterEntry>> roster = facts.roster();
    Optional<String> problem = Optional.empty();
    Optional<String> refusal = Optional.empty();
    Optional<BackupReport> backup = facts.backup();
    try {
      Client client = connect();
      TuningStore store = new TuningStore(client, connected.prefix());
      // Before the tuning: an etcd without room refuses that, and its members are known still.
      if (connected.own()) {
        ClusterCommands cluster = new ClusterCommands(client, this::memberClient);
        refusal = runOrder(cluster);
        roster = Optional.of(cluster.roster());
        backup = store.backup();
      }
      Optional<Tuning> wanted = desired;
      stored = Optional.of(wanted.isPresent() ? store.publish(wanted.get()) : store.read());
      failures = 0;
    } catch (EtcdException e) {
      problem = Optional.of(e.getMessage());
      if (++failures % FAILURES_BEFORE_RECONNECT == 0) {
        disconnect(EtcdClients.Connection::giveUp);
      }
    }
    if (problem.isPresent() != facts.problem().isPresent() || !roster.equals(facts.roster())) {
      members.look();
    }
    return new EtcdFacts(
        members.health(), stored, problem, roster, refusal, done, backup, upkeep.upkeep());
  }

  /**
   * A cluster that is paused is left alone. Whether its tuning is published does not count: an etcd
   * without room refuses that, and is to be healed.
   */
  private EtcdUpkeep.Situation situation() {
    EtcdFacts seen = facts;
    return new EtcdUpkeep.Situation(
        target,
        order.isPresent()
            || seen.roster().map(all -> all.stream().anyMatch(RosterEntry::learner)).orElse(true),
        desired.isPresent() && connected != null);
  }

  /** Why the present order was not carried out, or nothing. */
  private Optional<String> runOrder(ClusterCommands cluster) throws InterruptedException {
    Optional<EtcdCommand> now = order;
    if (now.isEmpty() || now.equals(done)) {
      done = now;
      return Optional.empty();
    }
    try {
      cluster.run(now.get());
      done = now;
      members.look();
      return Optional.empty();
    } catch (EtcdException e) {
      return Optional.of(e.getMessage());
    }
  }

  private Client connect() throws EtcdException {
    EtcdTarget serving = target.without(learners());
    if (connection.isPresent() && !serving.equals(connected)) {
      disconnect(EtcdClients.Connection::close);
    }
    if (connection.isEmpty()) {
      connected = serving;
      connection = Optional.of(clients.connect(connected));
    }
    Client client = connection.get().client();
    if (watchers.isEmpty() || watchBroken) {
      watchers.forEach(Watch.Watcher::close);
      watchBroken = false;
      watchers =
          Stream.of(EtcdKeys.CONFIG, EtcdKeys.STATUS_QUANTUM, EtcdKeys.STATUS_ETCD_BACKUP)
              .map(prefix -> watch(client, connected.prefix() + prefix))
              .toList();
    }
    return client;
  }

  /** Learners refuse reads and writes. */
  private Set<String> learners() {
    return facts.roster().orElse(List.of()).stream()
        .filter(RosterEntry::learner)
        .map(RosterEntry::name)
        .collect(Collectors.toUnmodifiableSet());
  }

  private Client client(List<String> endpoints) throws EtcdException {
    return EtcdClients.alone(endpoints, connected.identity());
  }

  private Client memberClient(String name) throws EtcdException {
    return client(List.of(connected.endpoint(name).orElseThrow()));
  }

  private Watch.Watcher watch(Client client, String prefix) {
    // The notice of creation also wakes us: what changed before the watch stood is read then.
    WatchOption option =
        WatchOption.builder().isPrefix(true).withCreateNotify(true).withRequireLeader(true).build();
    Watch.Listener listener =
        Watch.listener(response -> wake.release(), error -> onWatchEnd(), this::onWatchEnd);
    return client.getWatchClient().watch(bytes(prefix), option, listener);
  }

  private void onWatchEnd() {
    watchBroken = true;
    wake.release();
  }

  private void disconnect(Consumer<EtcdClients.Connection> how) {
    watchers.forEach(Watch.Watcher::close);
    watchers = List.of();
    connection.ifPresent(how);
    connection = Optional.empty();
  }

  private void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(TROUBLE_PERIOD_MILLIS);
    } catch (InterruptedException e) {
      closed = true;
    }
  }

  /** Stops the thread and the client; facts stay as they were. */
  @Override
  public void close() {
    closed = true;
    worker.interrupt();
    members.close();
    upkeep.close();
  }
}
