package io.aetherflow.runtime.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.runtime.testing.EtcdServer;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Over a real etcd. */
@Timeout(60)
class PrefixMirrorTest {
  /** More than one answer may hold. */
  private static final int LARGE_VALUES = 5;

  private static final byte[] LARGE = new byte[1 << 20];

  private record Change(Set<String> present, Set<String> keys) {}

  private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
  private final BlockingQueue<Change> changes = new LinkedBlockingQueue<>();
  private EtcdServer etcd;
  private Client client;

  @BeforeEach
  void start() {
    etcd = EtcdServer.running();
    client = Client.builder().endpoints(etcd.endpoint()).waitForReady(true).build();
  }

  @AfterEach
  void stop() {
    client.close();
    scheduler.shutdownNow();
    etcd.close();
  }

  /** The watch that would have told of it is over, and in what is read it is no more. */
  @Test
  void whatIsDeletedBeforeItIsReadAnewIsAmongTheChanged() throws Exception {
    put("/p/a");
    put("/p/b");
    try (PrefixMirror mirror = mirror(this::record)) {
      assertThat(next().present()).containsExactlyInAnyOrder("/p/a", "/p/b");
      scheduler.execute(() -> {
        mirror.resync();
        client.getKVClient().delete(Bytes.of("/p/a")).join();
      });
      Change anew = next();
      assertThat(anew.present()).containsExactly("/p/b");
      assertThat(anew.keys()).contains("/p/a");
    }
  }

  @Test
  void aListenerThatThrowsIsToldOfTheNextChange() throws Exception {
    put("/p/a");
    try (PrefixMirror mirror =
        mirror((entries, keys) -> {
          record(entries, keys);
          throw new IllegalStateException("unreadable");
        })) {
      assertThat(next().keys()).containsExactly("/p/a");
      put("/p/b");
      assertThat(next().keys()).containsExactly("/p/b");
      put("/p/c");
      assertThat(next().present()).containsExactlyInAnyOrder("/p/a", "/p/b", "/p/c");
    }
  }

  @Test
  void moreThanOneAnswerHoldsIsReadInPagesAndNothingElse() throws Exception {
    for (int i = 0; i < LARGE_VALUES; i++) {
      client.getKVClient().put(Bytes.of("/p/" + i), ByteSequence.from(LARGE)).join();
    }
    put("/o/before");
    put("/q/after");
    try (PrefixMirror mirror = mirror(this::record)) {
      assertThat(next().present()).hasSize(LARGE_VALUES).allMatch(key -> key.startsWith("/p/"));
      put("/p/later");
      assertThat(next().keys()).containsExactly("/p/later");
    }
  }

  private PrefixMirror mirror(PrefixMirror.Listener listener) {
    return new PrefixMirror(client, "/p/", scheduler, new Random(1), listener);
  }

  private void record(Map<String, PrefixMirror.Versioned> entries, Set<String> keys) {
    changes.add(new Change(Set.copyOf(entries.keySet()), keys));
  }

  private Change next() throws InterruptedException {
    Change change = changes.poll(20, TimeUnit.SECONDS);
    assertThat(change).as("a change is told").isNotNull();
    return change;
  }

  private void put(String key) {
    client.getKVClient().put(Bytes.of(key), Bytes.of("value")).join();
  }
}
