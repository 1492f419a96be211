package io.aetherflow.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.runtime.testing.EtcdServer;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KV;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Over a real etcd, with what happens between its transactions. */
@Timeout(60)
class HeartbeatTest {
  private static final long NOW_MILLIS = 1_000;
  private static final long TTL_MILLIS = 60_000;
  private static final long UNTIL_MILLIS = NOW_MILLIS + TTL_MILLIS;

  private EtcdServer etcd;
  private Client client;
  private SessionStore store;

  @BeforeEach
  void start() {
    etcd = EtcdServer.running();
    client = Client.builder().endpoints(etcd.endpoint()).waitForReady(true).build();
    store = new SessionStore(client);
  }

  @AfterEach
  void stop() {
    client.close();
    etcd.close();
  }

  @Test
  void whatIsChangedAfterItWasFoundIsNeitherLostNorRevived() {
    List<String> ids = List.of("deleted", "changed", "quiet");
    ids.forEach(id -> store.create(session(id)));
    Heartbeat heartbeat =
        heartbeat(transaction -> {
          if (transaction == 2) {
            store.update("changed", found -> found.labelled(Map.of("pen", "red")));
            store.delete("deleted");
          }
        });
    assertThat(heartbeat.touch(ids, NOW_MILLIS, TTL_MILLIS)).containsExactly("deleted");
    assertThat(store.find("deleted")).isEmpty();
    StoredSession changed = store.find("changed").orElseThrow().session();
    assertThat(changed.labels()).containsEntry("pen", "red");
    assertThat(changed.expiresAtMillis()).isEqualTo(UNTIL_MILLIS);
    assertThat(store.find("quiet").orElseThrow().session().expiresAtMillis())
        .isEqualTo(UNTIL_MILLIS);
  }

  /** One after the other would be more round trips than the call's deadline has time for. */
  @Test
  void someGroupsAreTouchedAtOnceAndAnsweredInOrder() {
    CountDownLatch together = new CountDownLatch(Heartbeat.GROUPS_AT_ONCE);
    Heartbeat heartbeat =
        heartbeat(transaction -> {
          together.countDown();
          await(together);
        });
    int unknown = 3 * Heartbeat.GROUPS_AT_ONCE * SessionStore.TOGETHER_MAX + 1;
    List<String> ids = IntStream.range(0, unknown).mapToObj(i -> "s-" + i).toList();
    assertThat(heartbeat.touch(ids, NOW_MILLIS, TTL_MILLIS)).isEqualTo(ids);
  }

  private static StoredSession session(String id) {
    return new StoredSession(
        id, "ann", "gateway-1", Map.of(), 0, NOW_MILLIS + 1, "hash", List.of());
  }

  /**
   * @param before each of its transactions, with its number from 1 on
   */
  private Heartbeat heartbeat(IntConsumer before) {
    AtomicInteger transactions = new AtomicInteger();
    KV real = client.getKVClient();
    KV watched =
        proxy(
            KV.class,
            (method, args) -> {
              if (method.getName().equals("txn")) {
                before.accept(transactions.incrementAndGet());
              }
              return invoke(method, real, args);
            });
    return new Heartbeat(new SessionStore(proxy(Client.class, (method, args) -> watched)));
  }

  private interface Calls {
    Object call(Method method, Object[] args) throws Throwable;
  }

  private static <T> T proxy(Class<T> of, Calls calls) {
    return of.cast(
        Proxy.newProxyInstance(
            of.getClassLoader(),
            new Class<?>[] {of},
            (proxy, method, args) -> calls.call(method, args)));
  }

  private static Object invoke(Method method, Object target, Object[] args) throws Throwable {
    try {
      return method.invoke(target, args);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      if (!latch.await(10, TimeUnit.SECONDS)) {
        throw new IllegalStateException("the others do not come");
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
