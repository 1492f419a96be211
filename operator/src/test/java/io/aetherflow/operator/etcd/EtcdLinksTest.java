package io.aetherflow.operator.etcd;

import static io.aetherflow.operator.etcd.TuningStore.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aetherflow.api.AppliedTuning;
import io.aetherflow.api.EtcdKeys;
import io.aetherflow.api.FecMode;
import io.aetherflow.api.LogLevel;
import io.aetherflow.api.Tuning;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.options.GetOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EtcdLinksTest {
  private static final Tuning FEC_50 =
      new Tuning(FecMode.ADAPTIVE, 10, 50, 4, 277, 65536, LogLevel.INFO);
  private static final String RATIO = EtcdKeys.CONFIG_QUANTUM + "fec-ratio";

  @TempDir Path data;

  private EtcdProcess etcd;
  private Client client;
  private final AtomicInteger changes = new AtomicInteger();
  private final EtcdLinks<String> links = new EtcdLinks<>(name -> changes.incrementAndGet());
  private EtcdTarget target;

  @BeforeEach
  void startEtcd() throws Exception {
    etcd = new EtcdProcess(data);
    client = Client.builder().endpoints(etcd.endpoint()).build();
    target = new EtcdTarget(List.of(new EtcdTarget.Member("solo", etcd.endpoint())), "");
  }

  @AfterEach
  void stopEtcd() throws Exception {
    links.close();
    client.close();
    etcd.close();
  }

  @Test
  void publishesAllKeysAsOneRevision() throws Exception {
    long revision = publishAndAwait(Tuning.DEFAULT).revision();

    Set<Long> revisions = new HashSet<>();
    for (KeyValue kv : config()) {
      revisions.add(kv.getModRevision());
    }
    assertThat(revisions).containsExactly(revision);
    assertThat(config()).hasSize(Tuning.DEFAULT.entries().size());
  }

  @Test
  void editMovesTheRevisionOnce() throws Exception {
    long first = publishAndAwait(Tuning.DEFAULT).revision();
    long second = publishAndAwait(FEC_50).revision();

    assertThat(second).isGreaterThan(first);
    assertThat(config()).allMatch(kv -> kv.getVersion() == 2);
  }

  @Test
  void writesNothingWhenNothingDiffers() throws Exception {
    publishAndAwait(Tuning.DEFAULT);
    awaitNoLocks();
    long before = etcdRevision();

    try (EtcdLinks<String> second = new EtcdLinks<>(name -> {})) {
      await()
          .until(() -> second.follow("b", target, Optional.of(Tuning.DEFAULT)).store().isPresent());
    }

    assertThat(etcdRevision()).isEqualTo(before);
  }

  @Test
  void healsDeletedAndAlteredKeys() throws Exception {
    long first = publishAndAwait(Tuning.DEFAULT).revision();

    client.getKVClient().delete(bytes(RATIO)).get(5, TimeUnit.SECONDS);
    await().until(() -> follow().revision() > first);
    long second = follow().revision();
    client.getKVClient().put(bytes(RATIO), bytes("0.99")).get(5, TimeUnit.SECONDS);

    await()
        .untilAsserted(() -> {
          assertThat(follow().revision()).isGreaterThan(second);
          assertThat(follow().publishes(Tuning.DEFAULT.entries())).isTrue();
        });
  }

  @Test
  void keysOfOthersAreLeftAlone() throws Exception {
    ByteSequence foreign = bytes(EtcdKeys.CONFIG + "theirs");
    client.getKVClient().put(foreign, bytes("x")).get(5, TimeUnit.SECONDS);

    publishAndAwait(Tuning.DEFAULT);

    assertThat(client.getKVClient().get(foreign).get(5, TimeUnit.SECONDS).getKvs())
        .singleElement()
        .matches(kv -> kv.getVersion() == 1);
  }

  @Test
  void waitsForTheConfigLock() throws Exception {
    long lease = client.getLeaseClient().grant(30).get(5, TimeUnit.SECONDS).getID();
    client.getLockClient().lock(bytes(EtcdKeys.LOCK_CONFIG_UPDATE), lease).get(5, TimeUnit.SECONDS);

    links.follow("a", target, Optional.of(Tuning.DEFAULT));
    await()
        .until(() -> links.follow("a", target, Optional.of(Tuning.DEFAULT)).problem().isPresent());
    assertThat(config()).isEmpty();

    client.getLeaseClient().revoke(lease).get(5, TimeUnit.SECONDS);
    publishAndAwait(Tuning.DEFAULT);
  }

  @Test
  void writesNothingWithoutAWish() throws Exception {
    await().until(() -> links.follow("a", target, Optional.empty()).available());

    assertThat(config()).isEmpty();
    assertThat(etcdRevision()).isEqualTo(1);
  }

  @Test
  void confirmationsArriveAsFacts() throws Exception {
    publishAndAwait(Tuning.DEFAULT);
    int before = changes.get();
    AppliedTuning confirmation =
        new AppliedTuning(follow().revision(), "2026-01-01T00:00:00Z", Map.of(), "uid-1", "t");

    client
        .getKVClient()
        .put(bytes(EtcdKeys.appliedTuning("api-gateway", "gw-1")), bytes(confirmation.toJson()))
        .get(5, TimeUnit.SECONDS);

    await()
        .atMost(Duration.ofSeconds(2))
        .untilAsserted(() -> assertThat(follow().applied()).containsEntry("gw-1", confirmation));
    assertThat(changes.get()).isGreaterThan(before);
  }

  @Test
  void aPrefixKeepsClustersApart() throws Exception {
    EtcdTarget shared = new EtcdTarget(target.members(), "/clusters/demo");
    await()
        .until(() ->
            links.follow("p", shared, Optional.of(FEC_50)).store().isPresent()
                && links.follow("p", shared, Optional.of(FEC_50)).store().get().revision() > 0);

    assertThat(config()).isEmpty();
    ByteSequence key = bytes("/clusters/demo" + RATIO);
    assertThat(client.getKVClient().get(key).get(5, TimeUnit.SECONDS).getKvs()).hasSize(1);
  }

  @Test
  void anEtcdWithoutRoomIsHealedThoughNothingWasEverPublished() throws Exception {
    long id = client.getClusterClient().listMember().get().getMembers().getFirst().getId();
    etcd.post(
        "/v3/maintenance/alarm",
        "{\"action\":\"ACTIVATE\",\"alarm\":\"NOSPACE\",\"memberID\":\"%s\"}"
            .formatted(Long.toUnsignedString(id)));
    EtcdTarget own = new EtcdTarget(target.members(), "", true);

    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> links.follow("a", own, Optional.of(Tuning.DEFAULT)).problem().orElse(""),
            problem -> problem.contains("database space exceeded"));
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> links.follow("a", own, Optional.of(Tuning.DEFAULT)).available());
  }

  @Test
  void tellsTheTruthWhileEtcdIsAwayAndRecovers() throws Exception {
    publishAndAwait(Tuning.DEFAULT);
    await().until(() -> facts().healthyMembers() == 1);

    etcd.kill();
    await()
        .atMost(Duration.ofSeconds(15))
        .until(() -> facts().problem().isPresent() && facts().healthyMembers() == 0);
    etcd.start();

    await()
        .atMost(Duration.ofSeconds(15))
        .until(() -> facts().available() && facts().healthyMembers() == 1);
    publishAndAwait(FEC_50);
  }

  private EtcdFacts facts() {
    return links.follow("a", target, Optional.of(Tuning.DEFAULT));
  }

  private EtcdFacts.Stored follow() {
    return facts().store().orElseThrow();
  }

  private EtcdFacts.Stored publishAndAwait(Tuning tuning) {
    return await()
        .atMost(Duration.ofSeconds(10))
        .until(
            () ->
                links
                    .follow("a", target, Optional.of(tuning))
                    .store()
                    .filter(stored -> stored.publishes(tuning.entries())),
            Optional::isPresent)
        .orElseThrow();
  }

  private void awaitNoLocks() {
    GetOption all = GetOption.builder().isPrefix(true).build();
    await()
        .until(() ->
            client
                .getKVClient()
                .get(bytes("/locks/"), all)
                .get(5, TimeUnit.SECONDS)
                .getKvs()
                .isEmpty());
  }

  private List<KeyValue> config() throws Exception {
    GetOption all = GetOption.builder().isPrefix(true).build();
    return client.getKVClient().get(bytes(EtcdKeys.CONFIG), all).get(5, TimeUnit.SECONDS).getKvs();
  }

  private long etcdRevision() throws Exception {
    return client.getKVClient().get(bytes("/")).get(5, TimeUnit.SECONDS).getHeader().getRevision();
  }
}
