package io.aetherflow.operator.etcd;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.aetherflow.operator.certificates.Credential;
import io.aetherflow.operator.certificates.Pem;
import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.SslContext;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;

/**
 * How the operator proves itself to a cluster's etcd, and whom it believes.
 *
 * @param trustPem authorities
 * @param client certificate, with those between it and an authority if there are any, and key
 */
public record EtcdIdentity(String trustPem, Credential client) {
  private static final char[] NO_PASSWORD = {};

  /**
   * For gRPC.
   *
   * @throws EtcdException when a part is malformed
   */
  SslContext grpc() throws EtcdException {
    try {
      return GrpcSslContexts.forClient()
          .trustManager(stream(trustPem))
          .keyManager(stream(client.certificatePem()), stream(client.keyPem()))
          .build();
    } catch (SSLException | IllegalArgumentException e) {
      throw new EtcdException("the certificates for etcd are unusable: " + e.getMessage());
    }
  }

  /**
   * For HTTP.
   *
   * @throws IllegalArgumentException when a part is malformed
   */
  SSLContext http() {
    try {
      KeyStore own = emptyStore();
      own.setKeyEntry(
          "client",
          Pem.privateKey(client.keyPem()),
          NO_PASSWORD,
          Pem.certificates(client.certificatePem()).toArray(Certificate[]::new));
      KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
      keys.init(own, NO_PASSWORD);
      KeyStore trusted = emptyStore();
      for (X509Certificate each : Pem.certificates(trustPem)) {
        trusted.setCertificateEntry(each.getSerialNumber().toString(), each);
      }
      TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
      trust.init(trusted);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalArgumentException("the certificates for etcd are unusable", e);
    }
  }

  private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, NO_PASSWORD);
    return store;
  }

  private static ByteArrayInputStream stream(String pem) {
    return new ByteArrayInputStream(pem.getBytes(US_ASCII));
  }
}
