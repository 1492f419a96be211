package io.aetherflow.operator.etcd;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * All that {@link UpkeepPlan} decides from.
 *
 * @param members each member that there is to be
 * @param changing whether members come or go
 * @param defragmented how long ago each member was defragmented, by name; none that never was
 * @param compacted whether the history was thrown away since the alarm was raised
 * @param cleared names of the members defragmented since then
 * @param disarmed how long ago the last alarm was disarmed, if one ever was
 */
record UpkeepView(
    List<MemberSpace> members,
    boolean changing,
    Map<String, Duration> defragmented,
    boolean compacted,
    Set<String> cleared,
    Optional<Duration> disarmed) {
  UpkeepView {
    members = List.copyOf(members);
    defragmented = Map.copyOf(defragmented);
    cleared = Set.copyOf(cleared);
  }

  boolean noSpace() {
    return members.stream().anyMatch(MemberSpace::noSpace);
  }
}
