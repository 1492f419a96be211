package io.aetherflow.api;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;

/**
 * A certificate and the key that somebody mounted with it. The operator says in the status whether
 * the gateways can serve with the two, and the gateways decide it, so both judge them here. Pure.
 */
public final class TlsPair {
  private static final byte[] PROBE = {1, 2, 3};
  private static final String PSS = "RSASSA-PSS";

  /** That of rsa_pss_pss_sha256, RFC 8446 section 4.2.3: the salt is as long as the digest. */
  private static final PSSParameterSpec PSS_SHA256 =
      new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1);

  private TlsPair() {}

  /**
   * Whether what one signs the other proves. A key store takes any two together; each handshake
   * would fail.
   *
   * @param known the certificate's key
   * @throws GeneralSecurityException when the JDK cannot sign with keys of this kind
   */
  public static boolean belongTogether(PublicKey known, PrivateKey secret)
      throws GeneralSecurityException {
    String algorithm =
        switch (known.getAlgorithm()) {
          case "EC" -> "SHA256withECDSA";
          case "RSA" -> "SHA256withRSA";
          case PSS -> PSS;
          // Those of Edwards curves sign by the name of their key.
          case String other -> other;
        };
    try {
      Signature signature = Signature.getInstance(algorithm);
      if (algorithm.equals(PSS)) {
        signature.setParameter(PSS_SHA256);
      }
      signature.initSign(secret);
      signature.update(PROBE);
      byte[] signed = signature.sign();
      signature.initVerify(known);
      signature.update(PROBE);
      return signature.verify(signed);
    } catch (InvalidKeyException | SignatureException e) {
      // They are not even of one kind, or not of one size.
      return false;
    }
  }
}
