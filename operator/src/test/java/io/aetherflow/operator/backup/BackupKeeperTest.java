package io.aetherflow.operator.backup;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aetherflow.operator.etcd.BackupReport;
import io.aetherflow.operator.etcd.EtcdProcess;
import io.aetherflow.operator.model.EtcdRestoreModel;
import io.aetherflow.operator.model.Names;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.options.GetOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots of a real etcd, restored by etcd's own tool as the operator's pod calls it. */
class BackupKeeperTest {
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Names NAMES = new Names("twin", "default");

  @TempDir Path dir;

  private final List<BackupReport> told = new ArrayList<>();
  private final Ticking clock = new Ticking();
  private EtcdProcess etcd;
  private Client client;
  private Path snapshots;

  @BeforeEach
  void start() throws Exception {
    snapshots = Files.createDirectory(dir.resolve("snapshots"));
    etcd = new EtcdProcess(dir.resolve("origin"));
    client = client(etcd);
    for (int i = 0; i < 50; i++) {
      put("/doc/" + i % 20, "value " + i);
    }
    client.getKVClient().delete(bytes("/doc/7")).get(30, TimeUnit.SECONDS);
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    etcd.close();
  }

  @Test
  void aRestoredClusterHasEveryKeyAndEveryRevisionOfIt() throws Exception {
    keeper(etcdSource(), 3).turn();
    GetResponse origin = everything(client);
    String name = told.getLast().lastSnapshot();
    put("/doc/after", "not in the snapshot");

    Path restored = dir.resolve("restored");
    etcdctl(
        EtcdRestoreModel.arguments(
            NAMES, snapshots.resolve(name).toString(), restored.resolve("member").toString()));

    try (EtcdProcess twin = new EtcdProcess(restored, "--name=" + EtcdRestoreModel.member(NAMES));
        Client reader = client(twin)) {
      GetResponse now = everything(reader);
      assertThat(now.getKvs().stream().map(BackupKeeperTest::text).toList())
          .hasSize(19)
          .isEqualTo(origin.getKvs().stream().map(BackupKeeperTest::text).toList());
      assertThat(now.getHeader().getRevision()).isEqualTo(origin.getHeader().getRevision());
      long revision = origin.getHeader().getRevision();
      assertThat(hash(reader, twin, revision)).isEqualTo(hash(client, etcd, revision));
    }
  }

  @Test
  void oneIsTakenWhenItIsDueAndTheOldestGoes() throws Exception {
    BackupKeeper keeper = keeper(etcdSource(), 2);
    assertThat(keeper.turn()).isEqualTo(HOUR);
    clock.pass(Duration.ofMinutes(20));
    assertThat(keeper(etcdSource(), 2).turn())
        .as("after a restart")
        .isEqualTo(Duration.ofMinutes(40));
    for (int i = 0; i < 3; i++) {
      clock.pass(HOUR);
      keeper.turn();
    }

    assertThat(told.getLast().kept()).isEqualTo(2);
    assertThat(told.getLast().takenAt()).isEqualTo(clock.now.toString());
    assertThat(files()).hasSize(2).contains(told.getLast().lastSnapshot());
  }

  @Test
  void whatIsNotWholeDoesNotCount() throws Exception {
    keeper(etcdSource(), 1).turn();
    String good = told.getLast().lastSnapshot();
    byte[] whole = Files.readAllBytes(snapshots.resolve(good));
    byte[] flipped = whole.clone();
    flipped[whole.length / 2] ^= 1;
    byte[] cut = java.util.Arrays.copyOf(whole, whole.length - 512);

    for (byte[] bad : List.of(flipped, cut, new byte[0])) {
      clock.pass(HOUR);
      assertThat(keeper(out -> out.write(bad), 1).turn()).isEqualTo(BackupKeeper.RETRY);
      assertThat(told.getLast().problem()).contains("checksum");
      assertThat(told.getLast().lastSnapshot()).isEqualTo(good);
      assertThat(files()).containsExactly(good);
    }
  }

  @Test
  void anEtcdThatEndsIsToldAndTriedAgain() throws Exception {
    BackupKeeper keeper = keeper(etcdSource(), 1);
    etcd.kill();
    assertThat(keeper.turn()).isEqualTo(BackupKeeper.RETRY);
    assertThat(told.getLast().problem()).isNotBlank();
    assertThat(told.getLast().failures()).isOne();

    etcd.start();
    keeper.turn();
    assertThat(told.getLast().problem()).isNull();
    assertThat(files()).hasSize(1);
  }

  @Test
  void aFullDiskLosesNoEarlierSnapshot() throws Exception {
    Path small = Files.createDirectory(dir.resolve("small"));
    long room = Files.size(dir.resolve("origin/member/member/snap/db")) * 3 / 2;
    assumeTrue(
        run(List.of("mount", "-t", "tmpfs", "-o", "size=" + room, "tmpfs", small.toString())) == 0,
        "mounting a small file system takes root");
    try {
      snapshots = small;
      keeper(etcdSource(), 1).turn();
      String good = told.getLast().lastSnapshot();
      clock.pass(HOUR);
      keeper(etcdSource(), 1).turn();

      assertThat(told.getLast().problem()).contains("No space left on device");
      assertThat(told.getLast().lastSnapshot()).isEqualTo(good);
      assertThat(files()).containsExactly(good);
      assertThat(SnapshotFile.flaw(small.resolve(good))).isEmpty();
    } finally {
      run(List.of("umount", small.toString()));
    }
  }

  @Test
  void snapshotsOfAClockThatRanAheadGoFirst() throws Exception {
    clock.pass(Duration.ofDays(30));
    for (int i = 0; i < 2; i++) {
      clock.pass(HOUR);
      keeper(etcdSource(), 2).turn();
    }
    clock.pass(Duration.ofDays(-20));

    assertThat(keeper(etcdSource(), 2).turn()).isEqualTo(HOUR);

    String now = told.getLast().lastSnapshot();
    assertThat(told.getLast().takenAt()).isEqualTo(clock.now.toString());
    assertThat(files()).hasSize(2).contains(now);
    clock.pass(HOUR);
    keeper(etcdSource(), 2).turn();
    assertThat(files()).containsExactlyInAnyOrder(now, told.getLast().lastSnapshot());
  }

  @Test
  void aStartTidiesUpAndSetsADamagedSnapshotAside() throws Exception {
    keeper(etcdSource(), 3).turn();
    String older = told.getLast().lastSnapshot();
    clock.pass(HOUR);
    keeper(etcdSource(), 3).turn();
    Path newest = snapshots.resolve(told.getLast().lastSnapshot());
    byte[] content = Files.readAllBytes(newest);
    content[100] ^= 1;
    Files.write(newest, content);
    Files.write(snapshots.resolve("etcd-20260101T000000Z.db.partial"), content);

    keeper(etcdSource(), 3).start();

    assertThat(told.getLast().lastSnapshot()).isEqualTo(older);
    assertThat(told.getLast().problem()).contains("is damaged");
    assertThat(files()).containsExactlyInAnyOrder(older, newest.getFileName() + ".damaged");
  }

  private BackupKeeper keeper(SnapshotDirectory.Source source, int retention) {
    BackupSettings settings =
        new BackupSettings(
            "default/demo", List.of(etcd.endpoint()), Optional.empty(), snapshots, HOUR, retention);
    return new BackupKeeper(settings, source, told::add, clock);
  }

  private SnapshotDirectory.Source etcdSource() {
    return new EtcdSource(() -> client(etcd), Duration.ofSeconds(10));
  }

  private List<String> files() throws IOException {
    try (var all = Files.list(snapshots)) {
      return all.map(path -> path.getFileName().toString()).toList();
    }
  }

  private void put(String key, String value) throws Exception {
    client.getKVClient().put(bytes(key), bytes(value)).get(30, TimeUnit.SECONDS);
  }

  private static Client client(EtcdProcess etcd) {
    return Client.builder()
        .endpoints(etcd.endpoint())
        .retryMaxDuration(Duration.ofSeconds(2))
        .build();
  }

  private static GetResponse everything(Client client) throws Exception {
    ByteSequence all = ByteSequence.from(new byte[] {0});
    return client
        .getKVClient()
        .get(all, GetOption.builder().withRange(all).build())
        .get(30, TimeUnit.SECONDS);
  }

  private static String text(KeyValue kv) {
    return "%s=%s version %d created %d modified %d"
        .formatted(
            kv.getKey(),
            kv.getValue(),
            kv.getVersion(),
            kv.getCreateRevision(),
            kv.getModRevision());
  }

  private static int hash(Client client, EtcdProcess etcd, long revision) throws Exception {
    return (int)
        client
            .getMaintenanceClient()
            .hashKV(etcd.endpoint(), revision)
            .get(30, TimeUnit.SECONDS)
            .getHash();
  }

  private static void etcdctl(List<String> arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("etcdctl"));
    command.addAll(arguments);
    assertThat(run(command)).as("etcdctl, of Debian's etcd-client").isZero();
  }

  private static int run(List<String> command) throws Exception {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }

  private static ByteSequence bytes(String text) {
    return ByteSequence.from(text, UTF_8);
  }

  /** A clock that a test moves. */
  private static final class Ticking extends Clock {
    private Instant now = Instant.parse("2026-03-01T10:00:00Z");

    void pass(Duration time) {
      now = now.plus(time);
    }

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }
}
