package io.aetherflow.gateway.yjs;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Who is in one document, as this gateway's sockets and the presence of other gateways say. A state
 * not renewed in time is forgotten, as y-protocols does. Thread-safe.
 */
public final class AwarenessRoom {
  static final long EXPIRY_NS = TimeUnit.SECONDS.toNanos(30);

  /** Caps memory per document against clients that invent client ids. */
  static final int STATES_MAX = 4_096;

  private final LongSupplier nowNs;
  private final Map<Long, Known> known = new HashMap<>();
  private final Set<String> localSessions = new HashSet<>();

  /**
   * @param untold a goodbye said here on the client's behalf, which its room mates did not hear yet
   */
  private record Known(AwarenessState state, String session, long heardNs, boolean untold) {}

  public AwarenessRoom(LongSupplier nowNs) {
    this.nowNs = nowNs;
  }

  public synchronized void join(String session) {
    localSessions.add(session);
  }

  /**
   * The session's socket is gone; returns its clients' states as gone, to be told to the others.
   */
  public synchronized List<AwarenessState> leave(String session) {
    localSessions.remove(session);
    List<AwarenessState> left = new ArrayList<>();
    known.replaceAll((_, each) -> {
      if (!each.session().equals(session) || each.state().gone()) {
        return each;
      }
      left.add(each.state().asGone());
      return new Known(each.state().asGone(), session, nowNs.getAsLong(), true);
    });
    return left;
  }

  public synchronized boolean isLocal(String session) {
    return localSessions.contains(session);
  }

  public synchronized boolean isEmpty() {
    return localSessions.isEmpty();
  }

  /** Takes what a session says and returns what of it is news; the rest others have heard. */
  public synchronized List<AwarenessState> apply(String session, List<AwarenessState> states) {
    forgetExpired();
    List<AwarenessState> news = new ArrayList<>();
    for (AwarenessState state : states) {
      Known before = known.get(state.client());
      boolean room = before != null || known.size() < STATES_MAX;
      if (room && isNews(before, session, state)) {
        known.put(state.client(), new Known(state, session, nowNs.getAsLong(), false));
        news.add(state);
      }
    }
    return news;
  }

  /**
   * Everybody, the recently gone too: a client that finds itself among those says that it is back.
   */
  public synchronized List<AwarenessState> states() {
    forgetExpired();
    return known.values().stream().map(Known::state).toList();
  }

  /** What this gateway's own sockets said, by session. */
  public synchronized Map<String, List<AwarenessState>> localStates() {
    forgetExpired();
    Map<String, List<AwarenessState>> bySession = new HashMap<>();
    for (Known each : known.values()) {
      if (localSessions.contains(each.session())) {
        bySession.computeIfAbsent(each.session(), _ -> new ArrayList<>()).add(each.state());
      }
    }
    return bySession;
  }

  private static boolean isNews(Known before, String session, AwarenessState state) {
    if (before == null || state.clock() > before.state().clock()) {
      return true;
    }
    return state.clock() == before.state().clock()
        && state.gone()
        && (!before.state().gone() || before.untold())
        && before.session().equals(session);
  }

  private void forgetExpired() {
    long now = nowNs.getAsLong();
    known.values().removeIf(each -> now - each.heardNs() >= EXPIRY_NS);
  }
}
