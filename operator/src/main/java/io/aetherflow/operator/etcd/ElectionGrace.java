package io.aetherflow.operator.etcd;

import io.aetherflow.operator.etcd.EtcdFacts.MemberHealth;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * While etcd's members choose a leader they see none, and are well all the same: one that was
 * healthy is told as healthy for as long as an election may take. Otherwise every hand-over of
 * leadership, as in an upgrade, could be told as the loss of the majority. One thread at a time.
 */
final class ElectionGrace {
  /**
   * A follower waits for 1 to 2 s, drawn anew each time, before it stands for election: etcd's
   * election timeout is 1 s.
   */
  static final long GRACE_NS = 2_000_000_000L;

  private final Map<String, Long> sinceNs = new HashMap<>();

  /**
   * @param before what was told last
   * @param answers of the members now
   * @return what to tell now
   */
  List<MemberHealth> grant(List<MemberHealth> before, List<MemberHealth> answers, long nowNs) {
    Set<String> healthy =
        before.stream()
            .filter(MemberHealth::healthy)
            .map(MemberHealth::name)
            .collect(Collectors.toSet());
    sinceNs.keySet().retainAll(answers.stream().map(MemberHealth::name).toList());
    return answers.stream()
        .map(each ->
            isChoosing(each, nowNs) && healthy.contains(each.name()) ? each.choosing() : each)
        .toList();
  }

  private boolean isChoosing(MemberHealth answer, long nowNs) {
    if (!answer.leaderless()) {
      sinceNs.remove(answer.name());
      return false;
    }
    return nowNs - sinceNs.computeIfAbsent(answer.name(), name -> nowNs) < GRACE_NS;
  }
}
