package io.aetherflow.session;

import java.time.Clock;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes sessions whose time is over. Safe when several instances sweep at once: a session that
 * was touched since it was read stays.
 */
final class Sweeper implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Sweeper.class);
  private static final int PAGE = 500;

  private final SessionStore store;
  private final Clock clock;

  Sweeper(SessionStore store, Clock clock) {
    this.store = store;
    this.clock = clock;
  }

  /** One pass over all sessions; a store that does not answer ends it, the next pass goes on. */
  @Override
  public void run() {
    try {
      int deleted = sweep();
      if (deleted > 0) {
        LOG.atInfo()
            .addKeyValue("action", "sessions_expired")
            .log("deleted {} expired sessions", deleted);
      }
    } catch (RuntimeException e) {
      LOG.atWarn().addKeyValue("action", "sweep_failed").log("sweep ended early: {}", e.toString());
    }
  }

  int sweep() {
    int deleted = 0;
    Optional<String> from = Optional.empty();
    do {
      SessionStore.Page page = store.page(from, PAGE);
      for (SessionStore.Found found : page.sessions()) {
        if (found.session().expired(clock.millis()) && store.deleteUnchanged(found)) {
          deleted++;
        }
      }
      from = page.next();
    } while (from.isPresent());
    return deleted;
  }
}
