package io.aetherflow.operator.etcd;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * All that {@link Membership} decides from.
 *
 * @param setName name of the StatefulSet; its members are {@code setName-0} and so on
 * @param desired members wanted
 * @param formed whether the first members have found each other
 * @param formingMembers how many they are, while not formed
 * @param admitting whether somebody may start without data as it stands
 * @param pods how many there were when last known
 * @param available whether reads and writes succeed
 * @param roster the member list, nothing until the first one was read
 * @param healthy names of members that answer and follow a leader
 * @param empty names of pods whose etcd ended because it has no data and is not admitted
 * @param ended names of pods whose etcd ended in order, as it does when it finds that the member
 *     whose data it has was taken out
 * @param discard id of a member whose volume a person gave up
 * @param mayStartEmpty whether a cluster that has lost everything may begin again with nothing
 * @param peerUrls peer address of a member by its name
 */
public record MembershipView(
    String setName,
    int desired,
    boolean formed,
    int formingMembers,
    boolean admitting,
    int pods,
    boolean available,
    Optional<List<RosterEntry>> roster,
    Set<String> healthy,
    Optional<String> leader,
    Set<String> empty,
    Set<String> ended,
    Optional<String> discard,
    boolean mayStartEmpty,
    UnaryOperator<String> peerUrls) {

  public MembershipView {
    roster = roster.map(List::copyOf);
    healthy = Set.copyOf(healthy);
    empty = Set.copyOf(empty);
    ended = Set.copyOf(ended);
  }

  String name(int ordinal) {
    return setName + "-" + ordinal;
  }

  String peerUrl(String name) {
    return peerUrls.apply(name);
  }
}
