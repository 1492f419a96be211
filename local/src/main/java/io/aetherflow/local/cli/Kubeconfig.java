package io.aetherflow.local.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * The one cluster and user of the kubeconfig that the local server writes.
 *
 * @param server base address of the API
 * @param token bearer token of the administrator
 * @param trust trusts the server's own certificate authority and no other
 */
record Kubeconfig(URI server, String token, SSLContext trust) {

  static Kubeconfig read(Path file) throws IOException {
    JsonNode root = new YAMLMapper().readTree(Files.readString(file));
    JsonNode cluster = root.at("/clusters/0/cluster");
    String ca = cluster.path("certificate-authority-data").asText();
    return new Kubeconfig(
        URI.create(cluster.path("server").asText()),
        root.at("/users/0/user/token").asText(),
        trusting(Base64.getDecoder().decode(ca)));
  }

  private static SSLContext trusting(byte[] certificate) throws IOException {
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      store.setCertificateEntry(
          "ca",
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(certificate)));
      TrustManagerFactory managers =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      managers.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, managers.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException("the kubeconfig's certificate authority cannot be used", e);
    }
  }
}
