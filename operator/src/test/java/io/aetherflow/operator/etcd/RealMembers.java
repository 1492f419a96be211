package io.aetherflow.operator.etcd;

import io.etcd.jetcd.Client;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Real etcd processes in the place of pods: started and stopped as a plan says, with what a plan
 * admits. One thread at a time.
 */
final class RealMembers implements AutoCloseable {
  private static final String SET = "m";
  private static final String NOT_ADMITTED = "couldn't find local name";

  private final Path dir;
  private final Map<String, Member> members = new TreeMap<>();
  private final MemberProbe probe = new MemberProbe();
  private Admission admission;
  private boolean formed;
  private int pods;

  /** Pods that nobody has started yet. */
  private final Set<Integer> heldBack = new HashSet<>();

  RealMembers(Path dir, int founders) {
    this.dir = dir;
    this.pods = founders;
    this.admission = new Admission.Founders(founders);
  }

  private final class Member {
    final String name;
    final String client = "http://127.0.0.1:" + freePort();
    final String peer = "http://127.0.0.1:" + freePort();
    Process process;

    Member(String name) {
      this.name = name;
    }

    Path data() {
      return dir.resolve(name);
    }

    Path log() {
      return dir.resolve(name + ".log");
    }

    boolean runs() {
      return process != null && process.isAlive();
    }

    void start() {
      try {
        Files.deleteIfExists(log());
        process =
            new ProcessBuilder(
                    "etcd",
                    "--name=" + name,
                    "--data-dir=" + data(),
                    "--listen-client-urls=" + client,
                    "--advertise-client-urls=" + client,
                    "--listen-peer-urls=" + peer,
                    "--initial-advertise-peer-urls=" + peer,
                    "--initial-cluster=" + initialCluster(),
                    "--initial-cluster-state=" + (formed ? "existing" : "new"),
                    "--heartbeat-interval=50",
                    "--election-timeout=500",
                    "--logger=zap")
                .redirectErrorStream(true)
                .redirectOutput(log().toFile())
                .start();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    boolean saysNotAdmitted() {
      try {
        return !runs() && Files.exists(log()) && Files.readString(log()).contains(NOT_ADMITTED);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private Member member(int ordinal) {
    return members.computeIfAbsent(SET + "-" + ordinal, Member::new);
  }

  /** The same text as the operator's bootstrap ConfigMap. */
  private String initialCluster() {
    return switch (admission) {
      case Admission.Restoring restoring -> "restoring=http://127.0.0.1:2380";
      case Admission.Nobody nobody -> "nobody=http://127.0.0.1:2380";
      case Admission.Founders founders -> {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < founders.count(); i++) {
          all.add(member(i).name + "=" + member(i).peer);
        }
        yield String.join(",", all);
      }
      case Admission.Only only -> {
        List<String> all = new ArrayList<>(List.of(only.name() + "=" + only.peerUrl()));
        for (String other : only.others()) {
          all.add("peer" + all.size() + "=" + other);
        }
        yield String.join(",", all);
      }
    };
  }

  List<String> endpoints() {
    return members.values().stream().filter(Member::runs).map(m -> m.client).toList();
  }

  /** One round of looking, deciding and doing; whether all is as wanted. */
  boolean reconcile(int desired) throws InterruptedException {
    for (int i = 0; i < pods; i++) {
      // Like a kubelet: what ended is started again, but not in a hurry after a failure.
      if (!heldBack.contains(i) && !member(i).runs() && !member(i).saysNotAdmitted()) {
        member(i).start();
      }
    }
    MembershipView view = look(desired);
    MembershipPlan plan = Membership.plan(view);
    boolean same = plan.admission().equals(admission) && plan.pods() == pods;
    admission = plan.admission();
    formed |= !(admission instanceof Admission.Founders);
    for (int i = plan.pods(); i < pods; i++) {
      kill(i);
    }
    pods = plan.pods();
    act(plan.step());
    return same
        && plan.step() instanceof MembershipStep.Nothing
        && view.healthy().size() == desired;
  }

  private MembershipView look(int desired) throws InterruptedException {
    List<EtcdTarget.Member> targets =
        members.values().stream().map(m -> new EtcdTarget.Member(m.name, m.client)).toList();
    List<EtcdFacts.MemberHealth> health = probe.ask(targets);
    EtcdFacts facts = new EtcdFacts(health, Optional.empty(), Optional.empty());
    Optional<List<RosterEntry>> roster = Optional.empty();
    try (Client client = client(endpoints())) {
      roster = Optional.of(new ClusterCommands(client, this::clientOf).roster());
    } catch (EtcdException e) {
      // Not available then.
    }
    Set<String> empty = new HashSet<>();
    members.values().stream().filter(Member::saysNotAdmitted).forEach(m -> empty.add(m.name));
    return new MembershipView(
        SET,
        desired,
        formed,
        admission instanceof Admission.Founders f ? f.count() : 1,
        !(admission instanceof Admission.Nobody),
        pods,
        roster.isPresent(),
        roster.map(this::named),
        facts.servingNames(),
        facts.leader(),
        empty,
        Set.of(),
        Optional.empty(),
        false,
        name -> members.computeIfAbsent(name, Member::new).peer);
  }

  /** Addresses in digits name nobody, and a learner that has not started has no name. */
  private List<RosterEntry> named(List<RosterEntry> roster) {
    return roster.stream()
        .map(entry ->
            members.values().stream()
                .filter(m -> m.peer.equals(entry.peerUrl()))
                .findFirst()
                .map(m ->
                    new RosterEntry(
                        entry.id(), m.name, entry.peerUrl(), entry.learner(), entry.started()))
                .orElse(entry))
        .toList();
  }

  private void act(MembershipStep step) throws InterruptedException {
    switch (step) {
      case MembershipStep.Nothing nothing -> {}
      case MembershipStep.Wait wait -> {}
      case MembershipStep.Restore restore -> {}
      case MembershipStep.RestoreFailed failed -> {}
      case MembershipStep.Order order -> {
        if (order.command() instanceof EtcdCommand.AddLearner add
            && Membership.ordinal(add.name()) >= pods) {
          wipe(Membership.ordinal(add.name()));
        }
        try (Client client = client(endpoints())) {
          new ClusterCommands(client, this::clientOf).run(order.command());
        } catch (EtcdException e) {
          // A learner that lags, or an election: the next round tries again.
        }
      }
      case MembershipStep.RestartPod restart -> members.get(restart.name()).start();
      case MembershipStep.DiscardVolume discard -> {
        kill(Membership.ordinal(discard.name()));
        wipe(Membership.ordinal(discard.name()));
      }
    }
  }

  void holdBack(int ordinal) {
    heldBack.add(ordinal);
  }

  void release(int ordinal) {
    heldBack.remove(ordinal);
  }

  boolean isFormed() {
    return formed;
  }

  void kill(int ordinal) throws InterruptedException {
    if (member(ordinal).process != null) {
      member(ordinal).process.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
    }
  }

  void wipe(int ordinal) {
    Path data = member(ordinal).data();
    if (!Files.exists(data)) {
      return;
    }
    try (Stream<Path> tree = Files.walk(data)) {
      for (Path each : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
      Files.deleteIfExists(member(ordinal).log());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Client client(List<String> endpoints) {
    return Client.builder()
        .endpoints(endpoints.toArray(String[]::new))
        .retryMaxDuration(java.time.Duration.ofSeconds(2))
        .build();
  }

  private Client clientOf(String name) {
    return client(List.of(members.get(name).client));
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws InterruptedException {
    for (Member each : members.values()) {
      if (each.process != null) {
        each.process.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
      }
    }
    probe.close();
  }
}
