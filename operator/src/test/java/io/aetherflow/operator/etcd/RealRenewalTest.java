package io.aetherflow.operator.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.aetherflow.operator.certificates.CertificateRequest;
import io.aetherflow.operator.certificates.EtcdPki;
import io.aetherflow.operator.certificates.Issuer;
import io.aetherflow.operator.certificates.Renewal;
import io.aetherflow.operator.certificates.Role;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KV;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three real members: what a renewal asks of them, and what their clients notice. */
class RealRenewalTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int MEMBERS = 3;

  /** An election takes half a second; the rest is for a machine that is busy. */
  private static final Duration LONGEST_GAP = Duration.ofSeconds(20);

  private static final Duration LOOK_EVERY = Duration.ofMillis(50);

  private final Issuer issuer = new Issuer(new SecureRandom());

  /** Years pass here and not for the members, so lives are long and "now" is the present. */
  private Instant now = Instant.now();

  private final MemberProbe probe = new MemberProbe();
  private String wish = "";
  private String authorityWish = "";
  private TlsMembers members;
  private EtcdPki pki;
  @TempDir Path dir;

  @BeforeEach
  void start() throws IOException {
    members = new TlsMembers(dir, MEMBERS);
    renew(EtcdPki.NONE, false);
    for (int i = 0; i < MEMBERS; i++) {
      members.start(i);
    }
    awaitHealthy(MEMBERS);
  }

  @AfterEach
  void stop() throws InterruptedException {
    members.close();
    probe.close();
  }

  @Test
  void threeRenewalsOfLeavesRestartNothing() throws Exception {
    List<Long> processes = members.processIds();
    for (int round = 0; round < 3; round++) {
      EtcdIdentity before = identity();
      wish = "round " + round;
      renew(pki, true);
      for (int i = 0; i < MEMBERS; i++) {
        assertThat(members.shown(i, before))
            .as("who has the old certificate sees the new one")
            .isEqualTo(pki.leaves().get(Role.SERVER).certificate());
        assertThat(members.shown(i, identity())).isNotNull();
      }
      assertThat(members.processIds()).isEqualTo(processes);
    }
    // New handshakes between the members, too: one of them comes back among two that never ended.
    members.stop(2);
    awaitHealthy(MEMBERS - 1);
    members.start(2);
    awaitHealthy(MEMBERS);
  }

  @Test
  void aClientNeverLosesMoreThanOneMemberWhileTheAuthorityChanges() throws Exception {
    try (Load load = new Load()) {
      await().atMost(PATIENCE).until(() -> load.acknowledged > 0);
      authorityWish = "leaked";
      renew(pki, false);
      assertThat(pki.next()).isPresent();
      for (int i = MEMBERS - 1; i >= 0; i--) {
        members.stop(i);
        awaitHealthy(MEMBERS - 1);
        members.start(i);
        awaitHealthy(MEMBERS);
      }
      load.reconnect();

      renew(pki, true);
      assertThat(pki.next()).isEmpty();
      for (int i = 0; i < MEMBERS; i++) {
        assertThat(members.shown(i, identity()).getIssuerX500Principal())
            .isEqualTo(pki.authority().orElseThrow().certificate().getSubjectX500Principal());
      }
      load.reconnect();
      awaitHealthy(MEMBERS);
      assertThat(load.fewestHealthy()).isGreaterThanOrEqualTo(MEMBERS - 1);
      assertThat(load.longestGap()).isLessThan(LONGEST_GAP);
      load.assertNothingLost();
    }
  }

  @Test
  void nobodyElseGetsIn() {
    EtcdPki other = Renewal.of(EtcdPki.NONE, request(), false, now, issuer);
    EtcdIdentity stranger = new EtcdIdentity(pki.trustPem(), other.leaves().get(Role.CLIENT));
    assertThat(probe.ask(members.target(stranger))).noneMatch(EtcdFacts.MemberHealth::healthy);
    EtcdIdentity believesOthers = new EtcdIdentity(other.trustPem(), pki.leaves().get(Role.CLIENT));
    assertThatThrownBy(() -> members.shown(0, believesOthers)).isInstanceOf(IOException.class);
  }

  /** Writes all the time and looks at the members all the time. */
  private final class Load implements AutoCloseable {
    private final AtomicBoolean ended = new AtomicBoolean();
    private final AtomicInteger fewest = new AtomicInteger(MEMBERS);
    private final AtomicLong longestGapNs = new AtomicLong();
    private final MemberProbe ownProbe = new MemberProbe();
    private final Thread writer = Thread.ofVirtual().unstarted(this::write);
    private final Thread looker = Thread.ofVirtual().unstarted(this::look);
    private volatile Client client;
    private volatile int acknowledged;

    Load() throws EtcdException {
      client = client();
      writer.start();
      looker.start();
    }

    private void write() {
      long last = System.nanoTime();
      for (int next = 1; !ended.get(); ) {
        try {
          client
              .getKVClient()
              .put(bytes("/n/" + next), bytes(Integer.toString(next)))
              .get(1, TimeUnit.SECONDS);
          long done = System.nanoTime();
          if (next > 1) {
            longestGapNs.accumulateAndGet(done - last, Math::max);
          }
          last = done;
          acknowledged = next++;
        } catch (Exception e) {
          // Tried again, with the same number.
        }
      }
    }

    private void look() {
      while (!ended.get()) {
        LockSupport.parkNanos(LOOK_EVERY.toNanos());
        int healthy =
            (int)
                ownProbe.ask(members.target(identity())).stream()
                    .filter(each -> !each.problem().equals("is not reachable"))
                    .count();
        fewest.accumulateAndGet(healthy, Math::min);
      }
    }

    /** A client of the present certificates, as a data-plane pod uses them in a new connection. */
    void reconnect() throws EtcdException {
      Client old = client;
      client = client();
      old.close();
    }

    int fewestHealthy() {
      return fewest.get();
    }

    Duration longestGap() {
      return Duration.ofNanos(longestGapNs.get());
    }

    void assertNothingLost() throws Exception {
      ended.set(true);
      writer.join();
      KV kv = client.getKVClient();
      assertThat(acknowledged).isPositive();
      for (int each = 1; each <= acknowledged; each++) {
        assertThat(kv.get(bytes("/n/" + each)).get(5, TimeUnit.SECONDS).getCount()).isOne();
      }
    }

    @Override
    public void close() throws InterruptedException {
      ended.set(true);
      writer.join();
      looker.join();
      ownProbe.close();
      client.close();
    }
  }

  private void renew(EtcdPki seen, boolean trusted) throws IOException {
    pki = Renewal.of(seen, request(), trusted, now, issuer);
    members.mount(pki);
  }

  private CertificateRequest request() {
    return new CertificateRequest(
        "a/demo",
        List.of("localhost"),
        Duration.ofDays(90),
        Duration.ofDays(3650),
        wish,
        authorityWish);
  }

  private EtcdIdentity identity() {
    return new EtcdIdentity(pki.trustPem(), pki.leaves().get(Role.CLIENT));
  }

  private Client client() throws EtcdException {
    return Client.builder()
        .endpoints(members.endpoints().toArray(String[]::new))
        .sslContext(identity().grpc())
        .waitForReady(true)
        .keepaliveTime(Duration.ofSeconds(3))
        .keepaliveTimeout(Duration.ofSeconds(3))
        .build();
  }

  private void awaitHealthy(int count) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(100))
        .until(() ->
            probe.ask(members.target(identity())).stream()
                    .filter(EtcdFacts.MemberHealth::healthy)
                    .count()
                == count);
  }

  private static ByteSequence bytes(String text) {
    return ByteSequence.from(text, StandardCharsets.UTF_8);
  }
}
