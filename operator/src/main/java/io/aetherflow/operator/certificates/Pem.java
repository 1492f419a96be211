package io.aetherflow.operator.certificates;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

/** Certificates and keys as text and back. */
public final class Pem {
  private static final int LINE = 64;
  private static final int FINGERPRINT_BYTES = 8;

  private Pem() {}

  static String text(String type, byte[] der) {
    String body = Base64.getMimeEncoder(LINE, new byte[] {'\n'}).encodeToString(der);
    return "-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n";
  }

  /**
   * All certificates in the text, at least one.
   *
   * @throws IllegalArgumentException when there is none or one is malformed
   */
  public static List<X509Certificate> certificates(String pem) {
    try {
      List<X509Certificate> found =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(pem.getBytes(US_ASCII)))
              .stream()
              .map(X509Certificate.class::cast)
              .toList();
      if (found.isEmpty()) {
        throw new IllegalArgumentException("no certificate in the text");
      }
      return found;
    } catch (CertificateException e) {
      throw new IllegalArgumentException("not a PEM certificate: " + e.getMessage(), e);
    }
  }

  /**
   * A private key in PKCS #8, elliptic curve or RSA.
   *
   * @throws IllegalArgumentException when it is none
   */
  public static PrivateKey privateKey(String pem) {
    try {
      String body = pem.replaceAll("-----[^-]*-----", "");
      PKCS8EncodedKeySpec der = new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(body));
      for (String algorithm : List.of("EC", "RSA")) {
        try {
          return KeyFactory.getInstance(algorithm).generatePrivate(der);
        } catch (java.security.spec.InvalidKeySpecException e) {
          // Of the other kind, perhaps.
        }
      }
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new IllegalArgumentException("not a PEM private key in PKCS #8", e);
    }
    throw new IllegalArgumentException("not a PEM private key in PKCS #8 (EC or RSA)");
  }

  static String of(X509Certificate certificate) {
    try {
      return text("CERTIFICATE", certificate.getEncoded());
    } catch (CertificateException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Short name of a text, equal for equal texts. */
  public static String fingerprint(String pem) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(pem.getBytes(US_ASCII));
      return HexFormat.of().formatHex(hash, 0, FINGERPRINT_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
