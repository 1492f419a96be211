package io.aetherflow.operator.etcd;

import java.util.List;

/**
 * Which etcd a cluster uses.
 *
 * @param members each member's name and client address
 * @param prefix put before every key, or empty
 */
public record EtcdTarget(List<Member> members, String prefix) {

  /**
   * @param endpoint client URL, for example {@code http://demo-etcd-0.demo-etcd-headless:2379}
   */
  public record Member(String name, String endpoint) {}

  public EtcdTarget {
    members = List.copyOf(members);
  }
}
