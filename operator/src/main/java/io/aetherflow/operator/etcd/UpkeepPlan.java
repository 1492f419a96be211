package io.aetherflow.operator.etcd;

import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Decides the one next step in the care of the members' databases. Pure.
 *
 * <p>A member that defragments serves nobody, so it is one at a time, only while all others serve,
 * and the leader last. When a member has reached its quota all refuse writes: then history goes,
 * every member is defragmented, and the alarm is disarmed; an alarm that is soon back means that
 * the data itself has no room, which no step here can mend.
 *
 * @param freeBytesMin below this a defragmentation is not worth the pause
 * @param freePercentMin the same, as a part of the file
 */
record UpkeepPlan(long freeBytesMin, int freePercentMin) {

  /** Half of a file, and enough of it that a smaller one matters to the quota of 2 GiB. */
  static final UpkeepPlan DEFAULT = new UpkeepPlan(128L << 20, 50);

  /** A store that leaves gaps this fast would be busy with nothing else. */
  static final Duration DEFRAGMENT_AGAIN = Duration.ofHours(1);

  /** An alarm that is back within this time was not about gaps. */
  static final Duration ALARM_BACK = Duration.ofMinutes(30);

  static final String WAY_OUT =
      "etcd refuses writes because its database has reached its quota; history was thrown away and"
          + " the members were defragmented, but the data itself fills it. Delete data, or use an"
          + " external etcd with a larger quota (docs/operations.md, EtcdDatabaseNearQuota)";

  UpkeepStep next(UpkeepView view) {
    boolean noSpace = view.noSpace();
    if (!noSpace && worth(view).isEmpty()) {
      return new UpkeepStep.Nothing();
    }
    if (view.changing()) {
      return new UpkeepStep.Wait("members come or go");
    }
    if (view.members().stream().anyMatch(member -> !member.serving())) {
      return new UpkeepStep.Wait("a member does not serve");
    }
    return noSpace ? heal(view) : new UpkeepStep.Defragment(worth(view).get().name());
  }

  private UpkeepStep heal(UpkeepView view) {
    if (view.disarmed().filter(ago -> ago.compareTo(ALARM_BACK) < 0).isPresent()) {
      return new UpkeepStep.Tell(WAY_OUT);
    }
    if (!view.compacted()) {
      return new UpkeepStep.Compact();
    }
    return leaderLast(view, member -> !view.cleared().contains(member.name()))
        .<UpkeepStep>map(member -> new UpkeepStep.Defragment(member.name()))
        .orElse(new UpkeepStep.Disarm());
  }

  private Optional<MemberSpace> worth(UpkeepView view) {
    return leaderLast(
        view,
        member ->
            member.freeBytes() >= freeBytesMin
                && member.freeBytes() * 100 >= member.fileBytes() * freePercentMin
                && Optional.ofNullable(view.defragmented().get(member.name()))
                    .filter(ago -> ago.compareTo(DEFRAGMENT_AGAIN) < 0)
                    .isEmpty());
  }

  private static Optional<MemberSpace> leaderLast(
      UpkeepView view, Predicate<MemberSpace> candidate) {
    return view.members().stream()
        .filter(candidate)
        .min(Comparator.comparing(MemberSpace::leader).thenComparing(MemberSpace::name));
  }
}
