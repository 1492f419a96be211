package io.aetherflow.operator.etcd;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.maintenance.AlarmMember;
import io.etcd.jetcd.maintenance.AlarmType;
import io.etcd.jetcd.options.CompactOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks after the size of the members' databases, on a thread of its own: a defragmentation takes
 * as long as the database is large. What it does, {@link UpkeepPlan} decides.
 */
final class EtcdUpkeep implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EtcdUpkeep.class);

  /** Gaps grow over hours; a full database is to be noticed sooner. */
  private static final long PERIOD_MILLIS = 15_000;

  /** Outlasts the largest database that etcd is made for, 8 GiB, on a slow disk. */
  private static final Duration DEFRAGMENT_TIMEOUT = Duration.ofMinutes(10);

  /** etcd throws history away at some 100,000 revisions a second. */
  private static final Duration COMPACT_TIMEOUT = Duration.ofMinutes(2);

  private final UpkeepPlan plan;
  private final Supplier<Situation> situation;
  private final Clients clients;
  private final Runnable onChange;
  private final LongSupplier nanoClock;
  private final MemberProbe probe = new MemberProbe();
  private final Map<String, Long> defragmentedAtNs = new HashMap<>();
  private final Set<String> cleared = new HashSet<>();
  private boolean compacted;
  private Optional<Long> disarmedAtNs = Optional.empty();
  private volatile Upkeep upkeep = Upkeep.NONE;
  private final Object turns = new Object();
  private boolean held;
  private boolean working;
  private Thread worker;

  /**
   * @param target members of ours
   * @param changing whether they come or go
   * @param enabled whether anything may be done
   */
  record Situation(EtcdTarget target, boolean changing, boolean enabled) {
    List<EtcdTarget.Member> members() {
      return target.members();
    }
  }

  /** Clients of some addresses. */
  @FunctionalInterface
  interface Clients {
    Client of(List<String> endpoints) throws EtcdException;
  }

  /**
   * @param clients a client of these addresses, closed after use
   * @param onChange called on this thread after there is something new to tell
   */
  EtcdUpkeep(
      UpkeepPlan plan,
      Supplier<Situation> situation,
      Clients clients,
      Runnable onChange,
      LongSupplier nanoClock) {
    this.plan = plan;
    this.situation = situation;
    this.clients = clients;
    this.onChange = onChange;
    this.nanoClock = nanoClock;
  }

  void start(String name) {
    worker = Thread.ofVirtual().name("upkeep-" + name).start(this::run);
  }

  /** What is to be told now. */
  Upkeep upkeep() {
    return upkeep;
  }

  /**
   * Whether to begin nothing for now, because a member is about to stop.
   *
   * @return whether nothing is under way, so that the member may stop
   */
  boolean hold(boolean hold) {
    synchronized (turns) {
      held = hold;
      return !working;
    }
  }

  private boolean begins(UpkeepStep step) {
    synchronized (turns) {
      working = isWork(step) && !held;
      return working || !isWork(step);
    }
  }

  private void ends() {
    synchronized (turns) {
      working = false;
    }
  }

  private void run() {
    try {
      while (true) {
        TimeUnit.MILLISECONDS.sleep(PERIOD_MILLIS);
        workOff();
      }
    } catch (InterruptedException e) {
      // Closed.
    } finally {
      probe.close();
    }
  }

  /** What nobody foresaw ends this round, and must not end the care for good. */
  void workOff() throws InterruptedException {
    try {
      UpkeepStep step;
      do {
        step = turn();
      } while (isWork(step));
    } catch (RuntimeException e) {
      LOG.atError()
          .addKeyValue("action", "etcd_upkeep_failed")
          .setCause(e)
          .log("the care of etcd's databases failed; it is tried again");
      tell(new Upkeep(upkeep.noSpace(), e + "; it is tried again"));
    }
  }

  private static boolean isWork(UpkeepStep step) {
    return switch (step) {
      case UpkeepStep.Nothing nothing -> false;
      case UpkeepStep.Wait wait -> false;
      case UpkeepStep.Tell tell -> false;
      case UpkeepStep.Compact compact -> true;
      case UpkeepStep.Defragment defragment -> true;
      case UpkeepStep.Disarm disarm -> true;
    };
  }

  /** Looks, decides and does one thing; a failure is told and leaves nothing half done. */
  UpkeepStep turn() throws InterruptedException {
    Situation now = situation.get();
    if (!now.enabled() || now.members().isEmpty()) {
      return new UpkeepStep.Nothing();
    }
    List<MemberSpace> spaces = probe.spaces(now.target());
    boolean noSpace = spaces.stream().anyMatch(MemberSpace::noSpace);
    if (!noSpace) {
      compacted = false;
      cleared.clear();
    }
    UpkeepStep wanted = plan.next(view(now, spaces));
    UpkeepStep step =
        begins(wanted) ? wanted : new UpkeepStep.Wait("a member is about to start anew");
    tell(new Upkeep(noSpace, sentence(noSpace, step)));
    try {
      act(step, now.members());
      return step;
    } catch (EtcdException e) {
      ends();
      tell(new Upkeep(noSpace, e.getMessage() + "; it is tried again"));
      return new UpkeepStep.Wait(e.getMessage());
    } finally {
      ends();
    }
  }

  private UpkeepView view(Situation now, List<MemberSpace> spaces) {
    long nowNs = nanoClock.getAsLong();
    Map<String, Duration> ago = new HashMap<>();
    defragmentedAtNs.forEach((name, atNs) -> ago.put(name, Duration.ofNanos(nowNs - atNs)));
    return new UpkeepView(
        spaces,
        now.changing(),
        ago,
        compacted,
        cleared,
        disarmedAtNs.map(atNs -> Duration.ofNanos(nowNs - atNs)));
  }

  private void tell(Upkeep now) {
    if (!now.equals(upkeep)) {
      upkeep = now;
      onChange.run();
    }
  }

  private static String sentence(boolean noSpace, UpkeepStep step) {
    String doing =
        switch (step) {
          case UpkeepStep.Nothing nothing -> "";
          case UpkeepStep.Wait wait -> noSpace ? "waiting, for " + wait.why() : "";
          case UpkeepStep.Tell tell -> tell.what();
          case UpkeepStep.Compact compact -> "throwing history away";
          case UpkeepStep.Defragment defragment -> "defragmenting " + defragment.member();
          case UpkeepStep.Disarm disarm -> "admitting writes again";
        };
    return noSpace && !(step instanceof UpkeepStep.Tell)
        ? "etcd refuses writes because its database has reached its quota; " + doing
        : doing;
  }

  private void act(UpkeepStep step, List<EtcdTarget.Member> members)
      throws EtcdException, InterruptedException {
    switch (step) {
      case UpkeepStep.Nothing nothing -> {}
      case UpkeepStep.Wait wait -> {}
      case UpkeepStep.Tell tell -> {}
      case UpkeepStep.Compact compact -> {
        compact(members);
        compacted = true;
      }
      case UpkeepStep.Defragment defragment -> {
        defragment(defragment.member(), members);
        cleared.add(defragment.member());
        defragmentedAtNs.put(defragment.member(), nanoClock.getAsLong());
      }
      case UpkeepStep.Disarm disarm -> {
        disarm(members);
        disarmedAtNs = Optional.of(nanoClock.getAsLong());
        // An alarm that comes back before the next look is a new one, to be healed from the start.
        compacted = false;
        cleared.clear();
      }
    }
    if (isWork(step)) {
      LOG.atInfo().addKeyValue("action", "etcd_upkeep").log("{} done", step);
    }
  }

  private void compact(List<EtcdTarget.Member> members) throws EtcdException, InterruptedException {
    try (Client client = client(members)) {
      long revision =
          Calls.await("tell its revision", client.getKVClient().get(TuningStore.bytes("/")))
              .getHeader()
              .getRevision();
      CompactOption physically = CompactOption.builder().withCompactPhysical(true).build();
      Calls.await(
          "throw history away",
          client.getKVClient().compact(revision, physically),
          COMPACT_TIMEOUT);
    } catch (EtcdException e) {
      // Without writes the revision stands still, so it may have been compacted before.
      if (!e.getMessage().contains("has been compacted")) {
        throw e;
      }
    }
  }

  private void defragment(String name, List<EtcdTarget.Member> members)
      throws EtcdException, InterruptedException {
    List<EtcdTarget.Member> one = members.stream().filter(m -> m.name().equals(name)).toList();
    try (Client client = client(one)) {
      Calls.await(
          "defragment " + name,
          client.getMaintenanceClient().defragmentMember(one.getFirst().endpoint()),
          DEFRAGMENT_TIMEOUT);
    }
  }

  private void disarm(List<EtcdTarget.Member> members) throws EtcdException, InterruptedException {
    try (Client client = client(members)) {
      List<AlarmMember> alarms =
          Calls.await("list its alarms", client.getMaintenanceClient().listAlarms()).getAlarms();
      for (AlarmMember alarm : alarms) {
        if (alarm.getAlarmType() == AlarmType.NOSPACE) {
          Calls.await("admit writes again", client.getMaintenanceClient().alarmDisarm(alarm));
        }
      }
    }
  }

  private Client client(List<EtcdTarget.Member> members) throws EtcdException {
    return clients.of(members.stream().map(EtcdTarget.Member::endpoint).toList());
  }

  @Override
  public void close() {
    if (worker == null) {
      probe.close();
    } else {
      worker.interrupt();
    }
  }
}
