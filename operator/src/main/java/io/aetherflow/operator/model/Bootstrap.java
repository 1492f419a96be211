package io.aetherflow.operator.model;

import io.fabric8.kubernetes.api.model.ConfigMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What a member that starts without data is told. A member with data reads none of it.
 *
 * <p>A member joins only where the list has its own name. So the list is also the door: between
 * changes it names nobody, and a member that lost its data ends at once with a message that says
 * so, instead of coming back under its old id with an empty log and a vote.
 *
 * @param members "name=URL" of all members, separated by commas
 * @param state "new" to form a cluster, "existing" to join one
 */
public record Bootstrap(String members, String state) {
  static final String MEMBERS_KEY = "initial-cluster";
  static final String STATE_KEY = "initial-cluster-state";

  private static final String NEW = "new";
  private static final String EXISTING = "existing";

  /** Never empty: etcd would then take itself for the only member and form a cluster of its own. */
  private static final Bootstrap CLOSED =
      new Bootstrap("nobody=http://127.0.0.1:" + Ports.ETCD_PEER, EXISTING);

  /** Nobody either; the first member's volume gets a snapshot before it starts. */
  private static final Bootstrap RESTORING =
      new Bootstrap("restoring=http://127.0.0.1:" + Ports.ETCD_PEER, EXISTING);

  /** The first {@code count} members form the cluster. */
  public static Bootstrap forming(Names names, int count) {
    String members =
        IntStream.range(0, count)
            .mapToObj(names::etcdMember)
            .map(name -> name + "=" + names.etcdPeerUrl(name))
            .collect(Collectors.joining(","));
    return new Bootstrap(members, NEW);
  }

  /** Nobody may start without data. */
  public static Bootstrap closed() {
    return CLOSED;
  }

  /** The cluster begins with a snapshot. */
  public static Bootstrap restoring() {
    return RESTORING;
  }

  /** Whether it has yet to begin with a snapshot. */
  public boolean isRestoring() {
    return equals(RESTORING);
  }

  /**
   * One member joins. The others appear under names that no pod has: etcd wants all addresses and
   * looks for its own name alone.
   */
  public static Bootstrap admitting(String name, String url, List<String> otherUrls) {
    List<String> members = new ArrayList<>();
    members.add(name + "=" + url);
    for (String other : otherUrls) {
      members.add("peer" + members.size() + "=" + other);
    }
    return new Bootstrap(String.join(",", members), EXISTING);
  }

  /** What a live ConfigMap says, unless it is not one of ours. */
  public static Optional<Bootstrap> read(ConfigMap map) {
    Map<String, String> data = map.getData() == null ? Map.of() : map.getData();
    String members = data.get(MEMBERS_KEY);
    String state = data.get(STATE_KEY);
    return members == null || state == null
        ? Optional.empty()
        : Optional.of(new Bootstrap(members, state));
  }

  /** Whether the first members have found each other. */
  public boolean isFormed() {
    return state.equals(EXISTING);
  }

  /** How many members form the cluster. */
  public int size() {
    return members.split(",").length;
  }
}
