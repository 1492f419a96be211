package io.aetherflow.api;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Names which authorities of etcd somebody trusts, so that the operator knows who has read a new
 * one before it signs. Pure.
 */
public final class EtcdTrust {
  private static final int ID_BYTES = 8;
  private static final String END = "-----END CERTIFICATE-----\n";

  private EtcdTrust() {}

  /**
   * Names the newest authority of a bundle: an old one that is dropped from it asks for nothing.
   *
   * @param bundle certificates in PEM, oldest first, as in {@code ca.crt}
   * @return equal for equal authorities; empty when there is none
   */
  public static String id(String bundle) {
    String text = bundle.strip() + "\n";
    if (!text.endsWith(END)) {
      return "";
    }
    int before = text.lastIndexOf(END, text.length() - END.length() - 1);
    return fingerprint(before < 0 ? text : text.substring(before + END.length()));
  }

  private static String fingerprint(String text) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.US_ASCII));
      return HexFormat.of().formatHex(hash, 0, ID_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
