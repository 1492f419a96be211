package io.aetherflow.operator.etcd;

import io.aetherflow.api.AppliedTuning;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What is known about a cluster's etcd at one moment. Immutable; equal facts mean that nothing
 * changed that a person would care about.
 *
 * @param members each member in the order of the target
 * @param store what was read last, or nothing before the first successful read
 * @param problem why the last read or write failed, or nothing when it succeeded
 * @param roster etcd's own member list as it was read last; only of members of our own
 * @param refusal why etcd did not carry out the last order, or nothing
 * @param done the order that was carried out last, while it stands
 * @param backup what the keeper of snapshots told last
 * @param upkeep what is being done about the size of the databases
 */
public record EtcdFacts(
    List<MemberHealth> members,
    Optional<Stored> store,
    Optional<String> problem,
    Optional<List<RosterEntry>> roster,
    Optional<String> refusal,
    Optional<EtcdCommand> done,
    Optional<BackupReport> backup,
    Upkeep upkeep) {

  /** Before the first answer. */
  public static final EtcdFacts UNKNOWN =
      new EtcdFacts(List.of(), Optional.empty(), Optional.empty());

  /** Facts about an etcd whose members are somebody else's. */
  public EtcdFacts(List<MemberHealth> members, Optional<Stored> store, Optional<String> problem) {
    this(
        members,
        store,
        problem,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Upkeep.NONE);
  }

  /** The same, with a problem. */
  EtcdFacts failing(String why) {
    return new EtcdFacts(members, store, Optional.of(why), roster, refusal, done, backup, upkeep);
  }

  /**
   * @param id member id in hexadecimal, or empty while unknown
   * @param healthy whether it answers and follows a leader, or is choosing one for no longer than
   *     that may take
   * @param leaderless whether it answers and sees no leader: it serves nobody then
   * @param problem why it is not healthy, or empty
   */
  public record MemberHealth(
      String name, String id, boolean healthy, boolean leader, boolean leaderless, String problem) {

    /** Of a member that sees a leader, or does not answer. */
    public MemberHealth(String name, String id, boolean healthy, boolean leader, String problem) {
      this(name, id, healthy, leader, false, problem);
    }

    static MemberHealth withoutLeader(String name, String id) {
      return new MemberHealth(name, id, false, false, true, "sees no leader");
    }

    /** The same, as one that is choosing a leader. */
    MemberHealth choosing() {
      return new MemberHealth(name, id, true, false, true, "");
    }
  }

  /**
   * Tuning and confirmations in etcd.
   *
   * @param revision mod revision that all tuning keys share, or 0 when they share none
   * @param entries tuning keys and values as they are
   * @param applied confirmations by pod name
   */
  public record Stored(
      long revision, Map<String, String> entries, Map<String, AppliedTuning> applied) {
    public Stored {
      entries = Map.copyOf(entries);
      applied = Map.copyOf(applied);
    }

    /** Whether exactly this tuning is published as one revision. */
    public boolean publishes(Map<String, String> desired) {
      return revision != 0 && entries.equals(desired);
    }
  }

  public EtcdFacts {
    members = List.copyOf(members);
    roster = roster.map(List::copyOf);
  }

  /** To be told; whether one may do without another is a matter of {@link #servingNames}. */
  public long healthyMembers() {
    return members.stream().filter(MemberHealth::healthy).count();
  }

  /** Names of the members that answer and follow a leader. */
  public Set<String> servingNames() {
    return members.stream()
        .filter(member -> member.healthy() && !member.leaderless())
        .map(MemberHealth::name)
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Name of the member that leads. */
  public Optional<String> leader() {
    return members.stream().filter(MemberHealth::leader).map(MemberHealth::name).findFirst();
  }

  /** Whether reads and writes succeed, which needs a majority of the members. */
  public boolean available() {
    return store.isPresent() && problem.isEmpty();
  }
}
