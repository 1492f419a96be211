package io.aetherflow.operator.etcd;

import io.aetherflow.operator.etcd.EtcdFacts.MemberHealth;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * While etcd's members choose a leader they see none, and are well all the same: one that was
 * healthy stays so for as long as an election may take. Otherwise every hand-over of leadership, as
 * in an upgrade, could be told as the loss of the majority. One thread at a time.
 */
final class ElectionGrace {
  /**
   * A follower waits for 1 to 2 s, drawn anew each time, before it stands for election: etcd's
   * election timeout is 1 s.
   */
  static final long GRACE_NS = 2_000_000_000L;

  private boolean electing;
  private long sinceNs;

  /**
   * @param before what was told last
   * @param answers of the members now
   * @return what to tell now
   */
  List<MemberHealth> grant(List<MemberHealth> before, List<MemberHealth> answers, long nowNs) {
    if (answers.stream().noneMatch(MemberHealth::isLeaderless)) {
      electing = false;
      return answers;
    }
    if (!electing) {
      electing = true;
      sinceNs = nowNs;
    }
    if (nowNs - sinceNs >= GRACE_NS) {
      return answers;
    }
    Set<String> healthy =
        before.stream()
            .filter(MemberHealth::healthy)
            .map(MemberHealth::name)
            .collect(Collectors.toSet());
    return answers.stream()
        .map(each -> each.isLeaderless() && healthy.contains(each.name()) ? each.following() : each)
        .toList();
  }
}
