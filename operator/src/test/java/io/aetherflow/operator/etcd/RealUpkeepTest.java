package io.aetherflow.operator.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.options.CompactOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The care of a real etcd whose quota is small. */
class RealUpkeepTest {
  private static final long QUOTA_BYTES = 4 << 20;
  private static final UpkeepPlan SMALL = new UpkeepPlan(1 << 20, 50);
  private static final int TURNS_MAX = 10;

  @TempDir Path data;

  private final List<Upkeep> told = new ArrayList<>();
  private long nowNs = 1;
  private EtcdProcess etcd;
  private Client client;
  private MemberProbe probe;
  private EtcdUpkeep upkeep;

  @BeforeEach
  void start() throws Exception {
    etcd = new EtcdProcess(data, "--quota-backend-bytes=" + QUOTA_BYTES);
    client = client(List.of(etcd.endpoint()));
    probe = new MemberProbe();
    upkeep =
        new EtcdUpkeep(
            SMALL,
            () -> new EtcdUpkeep.Situation(target(), false, true),
            this::client,
            () -> told.add(upkeep.upkeep()),
            () -> nowNs);
  }

  @AfterEach
  void stop() throws Exception {
    upkeep.close();
    probe.close();
    client.close();
    etcd.close();
  }

  @Test
  void aDefragmentationGivesTheRoomBack() throws Exception {
    long revision = 0;
    for (int i = 0; i < 30; i++) {
      revision = put("/one", i);
    }
    assertThat(upkeep.turn()).as("history fills it").isEqualTo(new UpkeepStep.Nothing());
    client
        .getKVClient()
        .compact(revision, CompactOption.builder().withCompactPhysical(true).build())
        .get(30, TimeUnit.SECONDS);
    // etcd counts what is free when it next writes its pages.
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> {
          client.getKVClient().put(key("/two"), key("small")).get(30, TimeUnit.SECONDS);
          MemberSpace now = space();
          return now.freeBytes() > now.fileBytes() / 2 && now.freeBytes() > 1 << 20;
        });
    MemberSpace before = space();

    assertThat(upkeep.turn()).isEqualTo(new UpkeepStep.Defragment("solo"));

    assertThat(space().fileBytes()).isLessThan(before.fileBytes() / 2);
    assertThat(upkeep.turn()).isEqualTo(new UpkeepStep.Nothing());
    assertThat(told).containsExactly(new Upkeep(false, "defragmenting solo"), Upkeep.NONE);
  }

  @Test
  void aDatabaseFullOfHistoryAdmitsWritesAgain() throws Exception {
    int written = fill("/same");
    assertThat(space().noSpace()).isTrue();
    assertThat(upkeep.hold(true)).as("nothing is under way").isTrue();
    assertThat(upkeep.turn()).isInstanceOf(UpkeepStep.Wait.class);
    upkeep.hold(false);
    told.clear();

    List<UpkeepStep> steps = turns();

    assertThat(steps)
        .containsExactly(
            new UpkeepStep.Compact(),
            new UpkeepStep.Defragment("solo"),
            new UpkeepStep.Disarm(),
            new UpkeepStep.Nothing());
    assertThat(space().noSpace()).isFalse();
    put("/same", written);
    assertThat(client.getKVClient().get(key("/same")).get(30, TimeUnit.SECONDS).getKvs())
        .hasSize(1);
    assertThat(told).extracting(Upkeep::noSpace).containsExactly(true, true, true, false);
  }

  @Test
  void dataThatFillsTheQuotaIsTold() throws Exception {
    int keys = 0;
    try {
      while (true) {
        put("/key/" + keys, keys++);
      }
    } catch (ExecutionException e) {
      assertThat(e).hasMessageContaining("database space exceeded");
    }
    assertThat(turns()).endsWith(new UpkeepStep.Disarm(), new UpkeepStep.Nothing());
    try {
      while (true) {
        put("/key/" + keys, keys++);
      }
    } catch (ExecutionException e) {
      assertThat(e).hasMessageContaining("database space exceeded");
    }

    assertThat(upkeep.turn()).isEqualTo(new UpkeepStep.Tell(UpkeepPlan.WAY_OUT));
    assertThat(upkeep.upkeep()).isEqualTo(new Upkeep(true, UpkeepPlan.WAY_OUT));
    nowNs += UpkeepPlan.ALARM_BACK.toNanos();
    assertThat(upkeep.turn()).as("tried again later").isEqualTo(new UpkeepStep.Compact());
  }

  private List<UpkeepStep> turns() throws InterruptedException {
    List<UpkeepStep> steps = new ArrayList<>();
    do {
      steps.add(upkeep.turn());
    } while (!(steps.getLast() instanceof UpkeepStep.Nothing) && steps.size() < TURNS_MAX);
    return steps;
  }

  private int fill(String key) throws Exception {
    int written = 0;
    try {
      while (true) {
        put(key, written++);
      }
    } catch (ExecutionException e) {
      assertThat(e).hasMessageContaining("database space exceeded");
      return written;
    }
  }

  private long put(String key, int number) throws Exception {
    byte[] value = new byte[100_000];
    value[0] = (byte) number;
    return client
        .getKVClient()
        .put(key(key), ByteSequence.from(value))
        .get(30, TimeUnit.SECONDS)
        .getHeader()
        .getRevision();
  }

  private MemberSpace space() {
    return probe.spaces(target()).getFirst();
  }

  private EtcdTarget target() {
    return new EtcdTarget(List.of(new EtcdTarget.Member("solo", etcd.endpoint())), "", true);
  }

  private Client client(List<String> endpoints) {
    return Client.builder()
        .endpoints(endpoints.toArray(String[]::new))
        .retryMaxDuration(Duration.ofSeconds(2))
        .build();
  }

  private static ByteSequence key(String text) {
    return TuningStore.bytes(text);
  }
}
