package io.aetherflow.e2e.etcd;

import io.fabric8.kubernetes.api.model.Secret;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/** The certificates that the operator made for etcd's clients, as a test uses them. */
public final class EtcdCredentials {
  private static final char[] NO_PASSWORD = {};

  private EtcdCredentials() {}

  /** Accepts members by address: their certificates hold names. */
  public static SSLContext of(Secret secret) {
    try {
      KeyStore own = emptyStore();
      own.setKeyEntry(
          "client",
          KeyFactory.getInstance("EC").generatePrivate(key(secret)),
          NO_PASSWORD,
          certificates(secret, "client.crt").toArray(Certificate[]::new));
      KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
      keys.init(own, NO_PASSWORD);
      KeyStore trusted = emptyStore();
      for (Certificate each : certificates(secret, "ca.crt")) {
        trusted.setCertificateEntry("authority-" + trusted.size(), each);
      }
      TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
      trust.init(trusted);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(
          keys.getKeyManagers(),
          new TrustManager[] {new AnyName((X509ExtendedTrustManager) trust.getTrustManagers()[0])},
          null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new AssertionError("the Secret's certificates are unusable", e);
    }
  }

  /** The certificate that members are to show to their clients. */
  public static Certificate server(Secret secret) {
    try {
      return certificates(secret, "server.crt").iterator().next();
    } catch (GeneralSecurityException e) {
      throw new AssertionError("the Secret's certificates are unusable", e);
    }
  }

  private static String text(Secret secret, String name) {
    return new String(
        Base64.getDecoder().decode(secret.getData().get(name)), StandardCharsets.US_ASCII);
  }

  private static PKCS8EncodedKeySpec key(Secret secret) {
    String body = text(secret, "client.key").replaceAll("-----[^-]*-----", "");
    return new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(body));
  }

  private static Collection<? extends Certificate> certificates(Secret secret, String name)
      throws GeneralSecurityException {
    return CertificateFactory.getInstance("X.509")
        .generateCertificates(
            new ByteArrayInputStream(text(secret, name).getBytes(StandardCharsets.US_ASCII)));
  }

  private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, NO_PASSWORD);
    return store;
  }

  private static final class AnyName extends X509ExtendedTrustManager {
    private final X509ExtendedTrustManager chain;

    AnyName(X509ExtendedTrustManager chain) {
      this.chain = chain;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] shown, String type, SSLEngine engine)
        throws CertificateException {
      chain.checkServerTrusted(shown, type);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] shown, String type, Socket socket)
        throws CertificateException {
      chain.checkServerTrusted(shown, type);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] shown, String type)
        throws CertificateException {
      chain.checkServerTrusted(shown, type);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] shown, String type, SSLEngine engine)
        throws CertificateException {
      throw new CertificateException("a client serves nobody");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] shown, String type, Socket socket)
        throws CertificateException {
      throw new CertificateException("a client serves nobody");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] shown, String type)
        throws CertificateException {
      throw new CertificateException("a client serves nobody");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return chain.getAcceptedIssuers();
    }
  }
}
