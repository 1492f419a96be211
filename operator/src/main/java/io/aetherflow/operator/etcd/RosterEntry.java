package io.aetherflow.operator.etcd;

/**
 * One line of etcd's own member list.
 *
 * @param id member id in hexadecimal
 * @param name name of its pod, taken from the host of its peer address: a member that has never
 *     started has no name of its own yet
 * @param learner whether it still copies the store and does not vote
 * @param started whether it has ever told its client address, so whether it may have voted
 */
public record RosterEntry(
    String id, String name, String peerUrl, boolean learner, boolean started) {

  boolean voter() {
    return !learner;
  }
}
