package io.aetherflow.operator.etcd;

import io.aetherflow.api.AppliedTuning;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is known about a cluster's etcd at one moment. Immutable; equal facts mean that nothing
 * changed that a person would care about.
 *
 * @param members each member in the order of the target
 * @param store what was read last, or nothing before the first successful read
 * @param problem why the last read or write failed, or nothing when it succeeded
 */
public record EtcdFacts(
    List<MemberHealth> members, Optional<Stored> store, Optional<String> problem) {

  /** Before the first answer. */
  public static final EtcdFacts UNKNOWN =
      new EtcdFacts(List.of(), Optional.empty(), Optional.empty());

  /**
   * @param id member id in hexadecimal, or empty while unknown
   * @param problem why it is not healthy, or empty
   */
  public record MemberHealth(
      String name, String id, boolean healthy, boolean leader, String problem) {}

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
  }

  public long healthyMembers() {
    return members.stream().filter(MemberHealth::healthy).count();
  }

  /** Whether reads and writes succeed, which needs a majority of the members. */
  public boolean available() {
    return store.isPresent() && problem.isEmpty();
  }
}
