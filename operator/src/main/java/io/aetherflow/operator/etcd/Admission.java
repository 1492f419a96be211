package io.aetherflow.operator.etcd;

import java.util.List;

/** Who may start with an empty data directory. A member that has data is never asked. */
public sealed interface Admission {

  /** The first members, which form the cluster. */
  record Founders(int count) implements Admission {}

  /** Nobody: the first member gets its data from a snapshot. */
  record Restoring() implements Admission {}

  /** Nobody: who is empty now has lost its data. */
  record Nobody() implements Admission {}

  /**
   * The learner that joins.
   *
   * @param others peer addresses of all other members
   */
  record Only(String name, String peerUrl, List<String> others) implements Admission {
    public Only {
      others = List.copyOf(others);
    }
  }
}
