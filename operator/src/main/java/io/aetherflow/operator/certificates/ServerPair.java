package io.aetherflow.operator.certificates;

import io.aetherflow.api.TlsPair;
import java.io.IOException;
import java.io.StringReader;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;

/** A server's certificate and key that somebody else made, as a Secret of kubernetes.io/tls. */
public final class ServerPair {
  private ServerPair() {}

  /**
   * Reads the two.
   *
   * @param keyPem in PKCS #8, PKCS #1 or SEC 1
   * @return the server's own certificate
   * @throws IllegalArgumentException when one is malformed or they do not belong together
   */
  public static X509Certificate of(String certificatePem, String keyPem) {
    X509Certificate certificate = Pem.certificates(certificatePem).getFirst();
    try {
      if (!TlsPair.belongTogether(certificate.getPublicKey(), key(keyPem))) {
        throw new IllegalArgumentException("the key is not the certificate's");
      }
      return certificate;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalArgumentException("the key cannot be used: " + e.getMessage(), e);
    }
  }

  private static PrivateKey key(String pem) throws IOException {
    try (PEMParser parser = new PEMParser(new StringReader(pem))) {
      return new JcaPEMKeyConverter().getPrivateKey(firstKey(parser));
    }
  }

  /** OpenSSL writes the parameters of a curve before its key. */
  private static PrivateKeyInfo firstKey(PEMParser parser) throws IOException {
    for (Object next = parser.readObject(); next != null; next = parser.readObject()) {
      switch (next) {
        case PEMKeyPair pair -> {
          return pair.getPrivateKeyInfo();
        }
        case PrivateKeyInfo info -> {
          return info;
        }
        default -> {}
      }
    }
    throw new IOException("no PEM private key without a password");
  }
}
