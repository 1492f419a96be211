package io.aetherflow.runtime.etcd;

import io.aetherflow.api.EtcdTrust;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Mutual TLS to etcd from a mounted Secret. Every handshake uses the files as they are then, so a
 * renewal needs neither a restart nor a new client; connections that stand stay.
 */
public final class EtcdTls {
  private EtcdTls() {}

  /**
   * @param dir holds {@code ca.crt}, {@code client.crt} and {@code client.key}
   * @throws IOException when a file is missing or malformed, naming it
   */
  public static SslContext context(Path dir) throws IOException {
    MountedPki pki = new MountedPki(dir);
    return SslContextBuilder.forClient()
        .sslProvider(SslProvider.JDK)
        .keyManager(new Keys(pki))
        .trustManager(new Trust(pki))
        .applicationProtocolConfig(
            new ApplicationProtocolConfig(
                ApplicationProtocolConfig.Protocol.ALPN,
                ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                ApplicationProtocolNames.HTTP_2))
        .build();
  }

  /**
   * Names the authorities that the next handshake goes by ({@link EtcdTrust#id}).
   *
   * @return empty when the file cannot be read
   */
  public static String trustId(Path dir) {
    try {
      return EtcdTrust.id(Files.readString(dir.resolve(MountedPki.TRUST)));
    } catch (IOException e) {
      return "";
    }
  }

  /** The alias names the generation, so that one handshake never mixes two. */
  private static final class Keys extends X509ExtendedKeyManager {
    private final MountedPki pki;
    private MountedPki.Loaded chosen;

    Keys(MountedPki pki) {
      this.pki = pki;
      this.chosen = pki.current();
    }

    @Override
    public synchronized String chooseEngineClientAlias(
        String[] keyType, Principal[] issuers, SSLEngine engine) {
      chosen = pki.current();
      return Long.toString(chosen.generation());
    }

    @Override
    public String chooseClientAlias(String[] keyType, Principal[] issuers, Socket socket) {
      return chooseEngineClientAlias(keyType, issuers, null);
    }

    @Override
    public synchronized X509Certificate[] getCertificateChain(String alias) {
      return isChosen(alias) ? chosen.chain().toArray(X509Certificate[]::new) : null;
    }

    @Override
    public synchronized PrivateKey getPrivateKey(String alias) {
      return isChosen(alias) ? chosen.key() : null;
    }

    /** Another handshake may have chosen newer files meanwhile; then this one fails and retries. */
    private boolean isChosen(String alias) {
      return alias.equals(Long.toString(chosen.generation()));
    }

    @Override
    public String[] getClientAliases(String keyType, Principal[] issuers) {
      return new String[] {chooseEngineClientAlias(null, issuers, null)};
    }

    @Override
    public String[] getServerAliases(String keyType, Principal[] issuers) {
      return new String[0];
    }

    @Override
    public String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
      return null;
    }
  }

  private static final class Trust extends X509ExtendedTrustManager {
    private final MountedPki pki;

    Trust(MountedPki pki) {
      this.pki = pki;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      pki.current().trust().checkServerTrusted(chain, type, engine);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      pki.current().trust().checkServerTrusted(chain, type, socket);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      pki.current().trust().checkServerTrusted(chain, type);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      throw notAServer();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      throw notAServer();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      throw notAServer();
    }

    private static CertificateException notAServer() {
      return new CertificateException("nobody connects to a client");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
