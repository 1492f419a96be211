package io.aetherflow.operator.etcd;

/** One change of an etcd cluster's membership. Each is harmless when it is given twice. */
public sealed interface EtcdCommand {

  /** Announces a member that does not vote yet. */
  record AddLearner(String name, String peerUrl) implements EtcdCommand {}

  /** Gives a learner its vote; etcd refuses while it lags behind the leader. */
  record Promote(String id, String name) implements EtcdCommand {}

  /** Takes a member out for good: its data is worthless from then on. */
  record Remove(String id, String name) implements EtcdCommand {}

  /** Removes what the pods of another cluster said of themselves, from the store it left. */
  record ForgetPods() implements EtcdCommand {}

  /**
   * Hands leadership over without an election.
   *
   * @param from name of the member that leads now
   * @param toId member that is to lead
   */
  record MoveLeader(String from, String toId) implements EtcdCommand {}
}
