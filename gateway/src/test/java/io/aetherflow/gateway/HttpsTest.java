package io.aetherflow.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aetherflow.gateway.testing.Client;
import io.aetherflow.gateway.testing.FakeCluster;
import io.aetherflow.gateway.testing.MountedCertificate;
import io.aetherflow.gateway.testing.TestGateway;
import io.aetherflow.runtime.testing.TestPki;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** HTTPS and wss with the JDK's clients, which check the certificate. */
@Timeout(60)
final class HttpsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir private Path temp;
  @TempDir private Path dir;
  private FakeCluster cluster;
  private MountedCertificate mount;
  private TestPki pki;
  private SSLContext trust;

  @BeforeEach
  void start() throws Exception {
    cluster = new FakeCluster();
    mount = new MountedCertificate(dir);
    pki = new TestPki(temp, "ca").leaf("first").leaf("second");
    trust = trusting(pki.authority());
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  @Test
  void restAndSocketsAreServedOverTls() throws Exception {
    mount.write(pki, "first");
    HttpClient http = HttpClient.newBuilder().sslContext(trust).build();
    try (GatewayServer gateway = TestGateway.startSecure(cluster, mount.dir())) {
      int port = gateway.httpsPort().orElseThrow();
      assertThat(get(http, "https", port)).isEqualTo(200);
      assertThat(get(http, "http", gateway.port())).isEqualTo(200);
      Client client = Client.connectSecurely(http, port, "?access_token=ann");
      assertThat(client.expect("welcome").path("user").asText()).isEqualTo("ann");
      client.close();
    }
  }

  @Test
  void aRenewedCertificateIsServedAndOpenSocketsStay() throws Exception {
    mount.write(pki, "first");
    HttpClient http = HttpClient.newBuilder().sslContext(trust).build();
    try (GatewayServer gateway = TestGateway.startSecure(cluster, mount.dir())) {
      int port = gateway.httpsPort().orElseThrow();
      Client before = Client.connectSecurely(http, port, "?access_token=ann");
      before.expect("welcome");
      assertThat(served(port)).isEqualTo("CN=first");

      mount.write(pki, "second");

      await().atMost(PATIENCE).until(() -> served(port).equals("CN=second"));
      before.send("{'t':'attach','id':1,'doc':'notes'}");
      assertThat(before.next().path("id").asInt()).isEqualTo(1);
      assertThat(before.isOpen()).isTrue();
      before.close();
    }
  }

  @Test
  void withoutACertificateThereIsOnlyHttpUntilOneComes() throws Exception {
    HttpClient http = HttpClient.newBuilder().sslContext(trust).build();
    try (GatewayServer gateway = TestGateway.startSecure(cluster, mount.dir())) {
      assertThat(gateway.httpsPort()).isEmpty();
      assertThat(get(http, "http", gateway.port())).isEqualTo(200);

      mount.write(pki, "first");

      await().atMost(PATIENCE).until(() -> gateway.httpsPort().isPresent());
      assertThat(get(http, "https", gateway.httpsPort().getAsInt())).isEqualTo(200);
    }
  }

  private static int get(HttpClient http, String scheme, int port) throws Exception {
    URI uri = URI.create(scheme + "://127.0.0.1:" + port + "/openapi.json");
    return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.discarding())
        .statusCode();
  }

  /** Whom a new connection meets; by a client of its own, for one that resumes sees nobody. */
  private String served(int port) throws IOException, GeneralSecurityException {
    SSLContext fresh = trusting(pki.authority());
    try (SSLSocket socket = (SSLSocket) fresh.getSocketFactory().createSocket("127.0.0.1", port)) {
      socket.startHandshake();
      return ((X509Certificate) socket.getSession().getPeerCertificates()[0])
          .getSubjectX500Principal()
          .getName();
    }
  }

  private static SSLContext trusting(String authority)
      throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setCertificateEntry(
        "ca",
        CertificateFactory.getInstance("X.509")
            .generateCertificate(
                new ByteArrayInputStream(authority.getBytes(StandardCharsets.US_ASCII))));
    TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
    factory.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, factory.getTrustManagers(), null);
    return context;
  }
}
