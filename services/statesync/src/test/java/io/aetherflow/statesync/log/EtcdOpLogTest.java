package io.aetherflow.statesync.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aetherflow.runtime.etcd.Bytes;
import io.aetherflow.runtime.testing.EtcdServer;
import io.aetherflow.statesync.log.OpLog.Tail;
import io.aetherflow.statesync.log.OpLog.Trim;
import io.aetherflow.statesync.log.OpLog.Trimmed;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class EtcdOpLogTest extends OpLogContract {
  private static EtcdServer etcd;
  private static Client client;
  private static long lease;
  private OpLog log;

  @BeforeAll
  static void start() {
    etcd = EtcdServer.running();
    client = Client.builder().endpoints(etcd.endpoint()).waitForReady(true).build();
    lease = client.getLeaseClient().grant(60).join().getID();
  }

  @BeforeEach
  void empty() {
    log = new EtcdOpLog(client, UUID.randomUUID().toString());
    client
        .getKVClient()
        .delete(Bytes.of("/"), DeleteOption.builder().isPrefix(true).build())
        .join();
  }

  @AfterAll
  static void stop() {
    client.close();
    etcd.close();
  }

  @Override
  OpLog log() {
    return log;
  }

  @Override
  CompactionLock lock(String holder) {
    return new EtcdCompactionLock(client, holder, () -> lease);
  }

  @Test
  void historyIsForgottenOnceAndAnyOtherFailureIsTold() {
    long epoch = log.claim(Map.of(7, 0L), "a").join().get(7);
    log.append(List.of(append(7, epoch, 1, "1"))).join();
    long point = client.getKVClient().get(LogKeys.id("x")).join().getHeader().getRevision();
    log.forgetHistory(point).join();
    log.forgetHistory(point).join();
    log.forgetHistory(epoch).join();
    assertThatThrownBy(() -> log.forgetHistory(point + 1_000).join())
        .hasMessageContaining("future revision");
  }

  @Test
  void aLogThatIsClaimedForMeanwhileIsNotForgotten() {
    OpLog other = new EtcdOpLog(client, "other");
    long first = other.claim(Map.of(7, 0L), "a").join().get(7);
    KeyValue unused = client.getKVClient().get(LogKeys.id("other")).join().getKvs().getFirst();
    long second = other.claim(Map.of(7, first), "a").join().get(7);
    long token = lock().acquire().join().getAsLong();
    LogCollector collector = new LogCollector(client, EtcdOpLog.lockHeld(token));
    collector.deleteId(unused).join();
    KeyValue used = client.getKVClient().get(LogKeys.id("other")).join().getKvs().getFirst();
    assertThat(used.getModRevision()).isEqualTo(second);
    collector.deleteId(used).join();
    lock().release(token).join();
    assertThat(client.getKVClient().get(LogKeys.id("other")).join().getKvs()).isEmpty();
  }

  @Test
  void manyEntriesAreDeletedLittleByLittle() {
    long epoch = log.claim(Map.of(7, 0L), "a").join().get(7);
    for (int number = 1; number <= 40; number++) {
      log.append(List.of(append(7, epoch, number, "a" + number))).join();
    }
    long token = lock().acquire().join().getAsLong();
    log.trim(new Trim(7, epoch, token, 39)).join();
    List<Long> leftAtRests = new ArrayList<>();
    Supplier<CompletableFuture<Boolean>> once =
        () -> {
          leftAtRests.add(entries());
          return CompletableFuture.completedFuture(leftAtRests.size() < 2);
        };
    assertThat(log.collect(token, once).join().all()).isFalse();
    assertThat(leftAtRests).containsExactly(24L, 8L);
    assertThat(entries()).isEqualTo(8);
    assertThat(log.collect(token, OpLogContract::noRest).join().all()).isTrue();
    lock().release(token).join();
    assertThat(entries()).isEqualTo(1);
  }

  private long entries() {
    GetOption range = GetOption.builder().isPrefix(true).withCountOnly(true).build();
    return client.getKVClient().get(Bytes.of("/logs/entries/"), range).join().getCount();
  }

  @Test
  void aSuccessorReadsTheLogsOfAllThatOwnedTheShardBefore() {
    OpLog other = new EtcdOpLog(client, "other");
    long first = log.claim(Map.of(7, 0L), "a").join().get(7);
    log.append(List.of(append(7, first, 1, "1"))).join();
    long second = other.claim(Map.of(7, first), "b").join().get(7);
    other.read(Set.of(7)).join();
    other.append(List.of(append(7, second, 2, "2"))).join();
    long third = log.claim(Map.of(7, second), "a").join().get(7);
    assertThat(log.read(Set.of(7)).join().get(7).segments())
        .containsExactly(segment(1, "1"), segment(2, "2"));
    log.append(List.of(append(7, third, 3, "3"))).join();
    long token = lock().acquire().join().getAsLong();
    assertThat(log.trim(new Trim(7, third, token, 2)).join()).isEqualTo(Trimmed.DONE);
    log.append(List.of(append(8, log.claim(Map.of(8, 0L), "a").join().get(8), 1, "x"))).join();
    log.advance(Map.of(7, third), token).join();
    other.collect(token, OpLogContract::noRest).join();
    other.collect(token, OpLogContract::noRest).join();
    lock().release(token).join();
    assertThat(new EtcdOpLog(client, "third").read(Set.of(7)).join().get(7))
        .isEqualTo(new Tail(2, List.of(segment(3, "3"))));
    assertThat(client.getKVClient().get(LogKeys.id("other")).join().getKvs())
        .as("nobody needs that log")
        .isEmpty();
    assertThat(entries()).as("segment 3 and that of the other shard").isEqualTo(2);
  }
}
