package io.aetherflow.runtime.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.aetherflow.api.AppliedTuning;
import io.aetherflow.api.EtcdKeys;
import io.aetherflow.api.EtcdTrust;
import io.aetherflow.api.Tuning;
import io.aetherflow.runtime.AetherRuntime;
import io.aetherflow.runtime.testing.EtcdServer;
import io.aetherflow.runtime.testing.TestPki;
import io.aetherflow.runtime.testing.TestRuntimes;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.PutOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A pod's runtime and a real etcd that wants certificates. */
class EtcdTlsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir Path temp;
  private Path server;
  private Path pod;
  private TestPki first;
  private EtcdServer etcd;

  @BeforeEach
  void start() throws IOException {
    server = Files.createDirectory(temp.resolve("server"));
    pod = Files.createDirectory(temp.resolve("pod"));
    first = new TestPki(temp, "first").leaf("server").leaf("client");
    mount(server, "server", first, first.authority());
    mount(pod, "client", first, first.authority());
    etcd = EtcdServer.secure(server);
    etcd.start();
  }

  @AfterEach
  void stop() {
    etcd.close();
  }

  @Test
  void onlyWhoHasACertificateGetsIn() throws Exception {
    try (AetherRuntime runtime = runtime()) {
      await().atMost(PATIENCE).until(() -> runtime.etcd().connected());
    }
    Path stranger = Files.createDirectory(temp.resolve("stranger"));
    TestPki other = new TestPki(temp, "other").leaf("client");
    mount(stranger, "client", other, first.authority());
    try (Client refused =
        Client.builder().endpoints(etcd.endpoint()).sslContext(EtcdTls.context(stranger)).build()) {
      assertThatThrownBy(() -> refused.getKVClient().get(Bytes.of("/x")).get(2, TimeUnit.SECONDS))
          .isNotNull();
    }
  }

  @Test
  void aRunningPodTakesUpARenewalAndANewAuthority() throws Exception {
    try (AetherRuntime runtime = runtime()) {
      await().atMost(PATIENCE).until(() -> runtime.etcd().connected());
      TestPki second = new TestPki(temp, "second").leaf("server").leaf("client");

      // Both are trusted before the second one signs; then everything is of the second one.
      mount(pod, "client", first, first.authority() + second.authority());
      mount(server, "server", second, second.authority());
      mount(pod, "client", second, first.authority() + second.authority());
      etcd.kill();
      await().atMost(PATIENCE).until(() -> !runtime.etcd().connected());
      etcd.start();

      await().atMost(PATIENCE).until(() -> runtime.etcd().connected());
      assertThat(runtime.etcd().leaseId()).isNotZero();
    }
  }

  /** So that the operator knows when a new authority may sign. */
  @Test
  void aRunningPodTellsWhichAuthoritiesItKnows() throws Exception {
    try (AetherRuntime runtime = runtime();
        Client client =
            Client.builder().endpoints(etcd.endpoint()).sslContext(EtcdTls.context(pod)).build()) {
      client
          .getKVClient()
          .txn()
          .Then(
              Tuning.DEFAULT.entries().entrySet().stream()
                  .map(each ->
                      Op.put(Bytes.of(each.getKey()), Bytes.of(each.getValue()), PutOption.DEFAULT))
                  .toArray(Op[]::new))
          .commit()
          .get();
      await()
          .atMost(PATIENCE)
          .until(() -> told(client).equals(Optional.of(EtcdTrust.id(first.authority()))));

      TestPki second = new TestPki(temp, "second");
      mount(pod, "client", first, first.authority() + second.authority());

      await()
          .atMost(PATIENCE)
          .until(() -> told(client).equals(Optional.of(EtcdTrust.id(second.authority()))));
      assertThat(runtime.etcd().connected()).isTrue();
    }
  }

  private static Optional<String> told(Client client) throws Exception {
    return client
        .getKVClient()
        .get(Bytes.of(EtcdKeys.appliedTuning("session-service", "s-0")))
        .get()
        .getKvs()
        .stream()
        .map(each -> AppliedTuning.fromJson(each.getValue().toString()).etcdTrust())
        .findFirst();
  }

  @Test
  void filesThatAreNoCertificatesLeaveTheLastOnesInUse() throws Exception {
    MountedPki pki = new MountedPki(pod);
    MountedPki.Loaded before = pki.current();
    Files.writeString(pod.resolve("client.key"), "half a fi");
    assertThat(pki.current()).isSameAs(before);
  }

  @Test
  void aMissingFileIsNamed() throws IOException {
    Files.delete(pod.resolve("ca.crt"));
    assertThatThrownBy(() -> EtcdTls.context(pod))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("ca.crt is missing");
  }

  private AetherRuntime runtime() {
    return TestRuntimes.start(
        List.of(etcd.endpoint()),
        "session-service",
        "s-0",
        Duration.ofSeconds(3),
        "",
        Optional.of(pod));
  }

  private static void mount(Path dir, String name, TestPki pki, String trust) throws IOException {
    replace(dir.resolve("ca.crt"), trust);
    replace(dir.resolve(name + ".crt"), pki.certificate(name));
    replace(dir.resolve(name + ".key"), pki.key(name));
  }

  private static void replace(Path file, String text) throws IOException {
    Path next = Files.writeString(file.resolveSibling("next"), text);
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
