package io.aetherflow.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.api.session.v1.SessionEnded;
import io.aetherflow.runtime.etcd.PrefixMirror.Versioned;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SessionEndsTest {
  private final SessionEnds ends = new SessionEnds();
  private final Watcher watcher = new Watcher();
  private final Lookups entries = new Lookups();

  @BeforeEach
  void start() {
    ends.watch("gateway-1", watcher);
    put("a", "gateway-1");
    put("b", "gateway-1");
    put("c", "gateway-2");
  }

  @Test
  void whatWasDeletedOrMovedIsToldToTheGatewayThatHadIt() {
    remove("a");
    put("b", "gateway-2");
    remove("c");
    put("d", "gateway-1");
    assertThat(watcher.told).containsExactly("a ended", "b moved");
    assertThat(ends.sessions()).isEqualTo(2);
  }

  @Test
  void aTouchIsNoEnd() {
    put("a", "gateway-1");
    assertThat(watcher.told).isEmpty();
    assertThat(ends.sessions()).isEqualTo(3);
  }

  @Test
  void eachUsersSessionsAreCounted() {
    assertThat(ends.sessions("ann")).isEqualTo(3);
    put("a", "gateway-2");
    remove("b");
    assertThat(ends.sessions("ann")).isEqualTo(2);
    remove("a");
    remove("c");
    remove("c");
    assertThat(ends.sessions("ann")).isZero();
  }

  @Test
  void aValueThatIsNoSessionHidesNoneOfTheOthers() {
    entries.put("0", new Versioned("no session", 1));
    entries.put("b", new Versioned("{}", 1));
    entries.remove("a");
    Set<String> keys = new LinkedHashSet<>(List.of("0", "b", "a"));
    ends.changed(entries, keys);
    assertThat(watcher.told).contains("a ended");
    assertThat(ends.sessions("ann")).isEqualTo(2);
  }

  @Test
  void whoReadsTooSlowlyIsSentAway() {
    watcher.ready = false;
    remove("a");
    remove("b");
    assertThat(watcher.told).containsExactly("sent away");
  }

  private void put(String id, String gateway) {
    StoredSession session =
        new StoredSession(id, "ann", gateway, Map.of(), 0, 1, "hash", List.of());
    entries.put(id, new Versioned(session.toJson(), 1));
    ends.changed(entries, Set.of(id));
  }

  private void remove(String id) {
    entries.remove(id);
    ends.changed(entries, Set.of(id));
  }

  /** There may be thousands of sessions, so none that has not changed is looked at. */
  private static final class Lookups extends TreeMap<String, Versioned> {
    @Override
    public Set<Map.Entry<String, Versioned>> entrySet() {
      throw new AssertionError("walks through all sessions");
    }

    @Override
    public Set<String> keySet() {
      throw new AssertionError("walks through all sessions");
    }

    @Override
    public void forEach(BiConsumer<? super String, ? super Versioned> action) {
      throw new AssertionError("walks through all sessions");
    }
  }

  private static final class Watcher extends ServerCallStreamObserver<SessionEnded> {
    final List<String> told = new ArrayList<>();
    boolean ready = true;

    @Override
    public boolean isReady() {
      return ready;
    }

    @Override
    public void onNext(SessionEnded ended) {
      told.add(ended.getId() + " " + ended.getReason());
    }

    @Override
    public void onError(Throwable failure) {
      told.add("sent away");
    }

    @Override
    public void onCompleted() {}

    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public void setOnCancelHandler(Runnable handler) {}

    @Override
    public void setCompression(String compression) {}

    @Override
    public void disableAutoInboundFlowControl() {}

    @Override
    public void setOnReadyHandler(Runnable handler) {}

    @Override
    public void request(int count) {}

    @Override
    public void setMessageCompression(boolean enable) {}
  }
}
