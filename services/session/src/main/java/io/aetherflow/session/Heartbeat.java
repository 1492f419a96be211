package io.aetherflow.session;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Gatherers;

/**
 * Extends many sessions with few calls to etcd: thousands of sockets send a heartbeat each minute,
 * though nothing happens on them. Blocking.
 */
final class Heartbeat {
  /** An expiry that would move by less than this share of the time to live is left as it is. */
  private static final int SLACK = 6;

  /**
   * Against a call of so many that etcd has no time for others; one group after the other would
   * take longer than callers wait.
   */
  static final int GROUPS_AT_ONCE = 4;

  private final SessionStore store;

  Heartbeat(SessionStore store) {
    this.store = store;
  }

  /**
   * Has the sessions live for at least five sixths of their time from now on, and at most all of
   * it.
   *
   * @return those that are no more
   */
  List<String> touch(List<String> ids, long nowMillis, long ttlMillis) {
    return ids.stream()
        .distinct()
        .gather(Gatherers.windowFixed(SessionStore.TOGETHER_MAX))
        .gather(
            Gatherers.mapConcurrent(
                GROUPS_AT_ONCE, group -> touchTogether(group, nowMillis, ttlMillis)))
        .flatMap(List::stream)
        .toList();
  }

  private List<String> touchTogether(List<String> ids, long nowMillis, long ttlMillis) {
    long until = nowMillis + ttlMillis;
    Map<String, SessionStore.Found> found = store.find(ids);
    found.values().removeIf(each -> each.session().expired(nowMillis));
    List<String> missing = new ArrayList<>(ids);
    missing.removeAll(found.keySet());
    List<SessionStore.Found> due =
        found.values().stream().filter(each -> isDue(each.session(), until, ttlMillis)).toList();
    if (!due.isEmpty() && !store.updateUnchanged(due, session -> session.until(until))) {
      // One of them was changed in between; that is rare.
      due.stream()
          .map(each -> each.session().id())
          .filter(id -> store.update(id, session -> session.until(until)).isEmpty())
          .forEach(missing::add);
    }
    return missing;
  }

  private static boolean isDue(StoredSession session, long until, long ttlMillis) {
    long later = until - session.expiresAtMillis();
    return later < 0 || later >= ttlMillis / SLACK;
  }
}
