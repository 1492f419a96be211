package io.aetherflow.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.e2e.cluster.Cluster;
import io.aetherflow.e2e.cluster.ClusterTest;
import io.aetherflow.e2e.cluster.Command;
import io.aetherflow.e2e.cluster.LocalOnly;
import io.aetherflow.e2e.kube.AfcState;
import io.fabric8.kubernetes.api.model.Service;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Port 443 of the running cluster, from a Secret that comes late and is renewed. */
@ClusterTest
@LocalOnly
@Order(60)
class GatewayTlsTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(90);
  private static final String SECRET = "web";
  private static final int HTTPS = 443;

  private final Cluster cluster;
  @TempDir private Path temp;
  private AfcState before;

  GatewayTlsTest(Cluster cluster) {
    this.cluster = cluster;
  }

  @BeforeEach
  void remember() {
    cluster.awaitReady();
    before = cluster.afc().get();
  }

  @AfterEach
  void restore() {
    cluster.client().secrets().inNamespace(Cluster.NAMESPACE).withName(SECRET).delete();
    cluster.afc().restore(before);
    cluster.awaitReady();
  }

  @Test
  void thePortComesWithTheSecretAndARenewalRestartsNothing() throws Exception {
    cluster.afc().patch("{\"spec\":{\"gateway\":{\"tls\":{\"secretName\":\"web\"}}}}");
    cluster
        .afc()
        .await(
            "told that the Secret is missing",
            TIMEOUT,
            state ->
                state
                    .condition("GatewayCertificateReady")
                    .toString()
                    .contains("GatewaySecretMissing"));
    assertThat(ports()).doesNotContain(HTTPS);

    X509Certificate first = putSecret("first");
    cluster.awaitReady();
    Awaitility.await().atMost(TIMEOUT).until(() -> ports().contains(HTTPS));
    Awaitility.await().atMost(TIMEOUT).ignoreExceptions().until(() -> shown(first).equals(first));

    Map<String, String> pods = uids();
    X509Certificate second = putSecret("second");
    Awaitility.await().atMost(TIMEOUT).ignoreExceptions().until(() -> shown(second).equals(second));
    assertThat(uids()).isEqualTo(pods);
  }

  private List<Integer> ports() {
    return service().getSpec().getPorts().stream().map(port -> port.getPort()).toList();
  }

  private Service service() {
    return cluster
        .client()
        .services()
        .inNamespace(Cluster.NAMESPACE)
        .withName(Cluster.NAME + "-api-gateway-svc")
        .get();
  }

  private Map<String, String> uids() {
    Map<String, String> uids = new java.util.TreeMap<>();
    cluster
        .pods("api-gateway")
        .forEach(pod -> uids.put(pod.getMetadata().getName(), pod.getMetadata().getUid()));
    return uids;
  }

  /** What the Service's port shows to a client that trusts this certificate alone. */
  private X509Certificate shown(X509Certificate trusted) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setCertificateEntry("web", trusted);
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    String address = service().getSpec().getClusterIP();
    try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(address, HTTPS)) {
      socket.startHandshake();
      return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }
  }

  /** Signed by itself, made by the JDK's own keytool. */
  private X509Certificate putSecret(String name) throws Exception {
    Path store = temp.resolve(name + ".p12");
    Command.run(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                name,
                "-dname",
                "CN=" + name,
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-validity",
                "2",
                "-keystore",
                store.toString(),
                "-storepass",
                "changeit"),
            Map.of(),
            "",
            TIMEOUT)
        .ok();
    KeyStore made = KeyStore.getInstance("PKCS12");
    try (var in = Files.newInputStream(store)) {
      made.load(in, "changeit".toCharArray());
    }
    Path certificate = pem(name + ".crt", "CERTIFICATE", made.getCertificate(name).getEncoded());
    Path key =
        pem(name + ".key", "PRIVATE KEY", made.getKey(name, "changeit".toCharArray()).getEncoded());
    String secret =
        cluster
            .kubectl()
            .run(
                "create",
                "secret",
                "tls",
                SECRET,
                "--cert=" + certificate,
                "--key=" + key,
                "--dry-run=client",
                "-o",
                "yaml")
            .ok()
            .out();
    cluster.kubectl().runWithInput(secret, "apply", "-f", "-").ok();
    return (X509Certificate)
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(Files.readAllBytes(certificate)));
  }

  private Path pem(String file, String type, byte[] der) throws Exception {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    return Files.writeString(
        temp.resolve(file),
        "-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n",
        StandardCharsets.US_ASCII);
  }
}
