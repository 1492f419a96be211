package io.aetherflow.statesync.shard;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Who lives and who owns what, as etcd said last.
 *
 * @param owners by shard
 */
public record ClusterView(Map<String, Member> members, Map<Integer, Owner> owners) {

  /**
   * A live instance, as {@code /members/<name>} says: {@code ip:port}, and {@code draining} after a
   * space once it takes no further shards.
   */
  public record Member(String address, boolean draining) {
    private static final String DRAINING = " draining";

    public String encode() {
      return draining ? address + DRAINING : address;
    }

    static Member decode(String text) {
      boolean draining = text.endsWith(DRAINING);
      return new Member(
          draining ? text.substring(0, text.length() - DRAINING.length()) : text, draining);
    }
  }

  /**
   * Who claimed a shard last, as {@code /owners/<shard>} says: name and address.
   *
   * @param epoch the key's mod revision
   */
  public record Owner(String name, String address, long epoch) {
    public static String encode(String name, String address) {
      return name + " " + address;
    }

    static Owner decode(String text, long epoch) {
      int space = text.indexOf(' ');
      return new Owner(text.substring(0, Math.max(0, space)), text.substring(space + 1), epoch);
    }
  }

  public static final ClusterView EMPTY = new ClusterView(Map.of(), Map.of());

  boolean alive(String member) {
    return members.containsKey(member);
  }

  Optional<Owner> owner(int shard) {
    return Optional.ofNullable(owners.get(shard));
  }

  /** Members that may get shards. */
  Set<String> candidates() {
    return members.entrySet().stream()
        .filter(member -> !member.getValue().draining())
        .map(Map.Entry::getKey)
        .collect(Collectors.toUnmodifiableSet());
  }
}
