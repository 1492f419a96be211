package io.aetherflow.operator.etcd;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which etcd a cluster uses.
 *
 * @param members each member's name and client address
 * @param prefix put before every key, or empty
 * @param own whether the members are ours to add and remove
 * @param identity for mutual TLS, or nothing for plain HTTP
 */
public record EtcdTarget(
    List<Member> members, String prefix, boolean own, Optional<EtcdIdentity> identity) {

  /** Over plain HTTP. */
  public EtcdTarget(List<Member> members, String prefix, boolean own) {
    this(members, prefix, own, Optional.empty());
  }

  /** Somebody else's etcd. */
  public EtcdTarget(List<Member> members, String prefix) {
    this(members, prefix, false);
  }

  /**
   * @param endpoint client URL, for example {@code http://demo-etcd-0.demo-etcd-headless:2379}
   */
  public record Member(String name, String endpoint) {}

  public EtcdTarget {
    members = List.copyOf(members);
  }

  /** Client address of a member. */
  Optional<String> endpoint(String name) {
    return members.stream().filter(m -> m.name().equals(name)).map(Member::endpoint).findFirst();
  }

  EtcdTarget without(Set<String> names) {
    return new EtcdTarget(
        members.stream().filter(m -> !names.contains(m.name())).toList(), prefix, own, identity);
  }

  /** The same, with another identity. */
  public EtcdTarget as(Optional<EtcdIdentity> now) {
    return new EtcdTarget(members, prefix, own, now);
  }

  /** Whether it is the same store, reached by other members or with another identity perhaps. */
  boolean sameStore(EtcdTarget other) {
    return own == other.own
        && prefix.equals(other.prefix)
        && (own || members.equals(other.members));
  }
}
