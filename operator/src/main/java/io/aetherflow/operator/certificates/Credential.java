package io.aetherflow.operator.certificates;

import java.security.cert.X509Certificate;

/**
 * A certificate with its private key.
 *
 * @param certificatePem one X.509 certificate
 * @param keyPem its key in PKCS #8
 */
public record Credential(String certificatePem, String keyPem) {

  /**
   * The certificate.
   *
   * @throws IllegalArgumentException when it is none
   */
  public X509Certificate certificate() {
    return Pem.certificates(certificatePem).getFirst();
  }

  /** Keeps the key out of logs. */
  @Override
  public String toString() {
    return "Credential[" + Pem.fingerprint(certificatePem) + "]";
  }
}
