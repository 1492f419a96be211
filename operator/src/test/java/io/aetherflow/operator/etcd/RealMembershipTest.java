package io.aetherflow.operator.etcd;

import static io.aetherflow.operator.etcd.TuningStore.bytes;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.options.GetOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The decisions and commands against real etcd processes, with a writer beside them. */
class RealMembershipTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final String PREFIX = "/written/";

  @TempDir Path dir;

  private RealMembers members;
  private Thread writer;
  private volatile boolean stop;
  private volatile List<String> endpoints = List.of();
  private final Set<Integer> acknowledged = new TreeSet<>();

  @BeforeEach
  void start() {
    members = new RealMembers(dir, 1);
    settle(1);
    writer = Thread.ofVirtual().start(this::write);
  }

  @AfterEach
  void end() throws Exception {
    stop = true;
    writer.join();
    members.close();
  }

  @Test
  void oneThreeFiveThreeLosesNoAcknowledgedWrite() throws Exception {
    for (int size : List.of(3, 5, 3)) {
      settle(size);
    }
    stop = true;
    writer.join();

    assertEveryMemberHasEveryAcknowledgedWrite();
  }

  @Test
  void aMemberWithoutItsDataComesBackUnderANewId() throws Exception {
    settle(3);
    Map<String, String> before = ids();
    members.kill(1);
    members.wipe(1);

    Awaitility.await().atMost(TIMEOUT).until(() -> reconcile(3) && !ids().equals(before));
    stop = true;
    writer.join();

    assertThat(ids()).hasSize(3);
    assertEveryMemberHasEveryAcknowledgedWrite();
  }

  @Test
  void aFounderThatComesLateJoinsThoughTheDoorIsClosed() throws Exception {
    Path folder = Files.createDirectory(dir.resolve("late"));
    try (RealMembers late = new RealMembers(folder, 3)) {
      late.holdBack(2);
      Awaitility.await()
          .atMost(TIMEOUT)
          .until(() -> {
            late.reconcile(3);
            return late.isFormed();
          });
      late.release(2);
      Awaitility.await().atMost(TIMEOUT).until(() -> late.reconcile(3));
    }
  }

  private void settle(int size) {
    Awaitility.await(size + " members").atMost(TIMEOUT).until(() -> reconcile(size));
  }

  private boolean reconcile(int size) throws InterruptedException {
    boolean settled = members.reconcile(size);
    endpoints = members.endpoints();
    return settled;
  }

  private Map<String, String> ids() throws Exception {
    try (Client client = members.client(members.endpoints())) {
      return new ClusterCommands(client, name -> client)
          .roster().stream()
              .filter(RosterEntry::voter)
              .collect(Collectors.toMap(RosterEntry::peerUrl, RosterEntry::id));
    }
  }

  /** One key after the other, to whoever answers; only answers count. */
  private void write() {
    int next = 0;
    while (!stop) {
      try (Client client = members.client(endpoints)) {
        while (!stop) {
          int number = next++;
          client
              .getKVClient()
              .put(bytes(PREFIX + number), bytes("" + number))
              .get(1, TimeUnit.SECONDS);
          acknowledged.add(number);
        }
      } catch (Exception refused) {
        // A member that has just gone, or one that still learns.
      }
    }
  }

  private void assertEveryMemberHasEveryAcknowledgedWrite() throws Exception {
    assertThat(acknowledged).hasSizeGreaterThan(100);
    for (String endpoint : members.endpoints()) {
      try (Client client = members.client(List.of(endpoint))) {
        Set<String> found =
            client
                .getKVClient()
                .get(bytes(PREFIX), GetOption.builder().isPrefix(true).build())
                .get(10, TimeUnit.SECONDS)
                .getKvs()
                .stream()
                .map(KeyValue::getValue)
                .map(value -> value.toString(UTF_8))
                .collect(Collectors.toSet());
        assertThat(found)
            .as("at %s", endpoint)
            .containsAll(acknowledged.stream().map(n -> "" + n).toList());
      }
    }
  }
}
