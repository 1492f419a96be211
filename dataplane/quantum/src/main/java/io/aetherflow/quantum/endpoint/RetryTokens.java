package io.aetherflow.quantum.endpoint;

import io.aetherflow.quantum.PeerAddress;
import io.aetherflow.quantum.buffer.BigEndian;
import io.aetherflow.quantum.packet.Guuid;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Tokens that prove a client's address without any state: time of issue and an HMAC-SHA256 over
 * time, address and GUUID, cut to 16 bytes. Not thread-safe.
 */
final class RetryTokens {
  /** Length of a token. */
  static final int BYTES = 24;

  /** The longest that a token is good, against a stock of them gathered for a later flood. */
  static final long LIFETIME_NS = 10_000_000_000L;

  private static final int MAC_BYTES = 16;

  private final Mac mac;
  private final byte[] input = new byte[8 + PeerAddress.BYTES + Guuid.BYTES];

  /**
   * @param key secret of this endpoint, at least 16 random bytes
   */
  RetryTokens(byte[] key) {
    try {
      mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HmacSHA256", e);
    }
  }

  /** Writes a token for a client at {@code off}. */
  void put(byte[] out, int off, PeerAddress client, long high, long low, long nowNs) {
    BigEndian.put64(out, off, nowNs);
    System.arraycopy(tag(nowNs, client, high, low), 0, out, off + 8, MAC_BYTES);
  }

  boolean isValid(
      byte[] buf, int off, int length, PeerAddress client, long high, long low, long nowNs) {
    if (length != BYTES) {
      return false;
    }
    long issuedNs = BigEndian.i64(buf, off);
    byte[] claimed = Arrays.copyOfRange(buf, off + 8, off + BYTES);
    boolean fresh = issuedNs <= nowNs && nowNs - issuedNs <= LIFETIME_NS;
    return MessageDigest.isEqual(claimed, tag(issuedNs, client, high, low)) && fresh;
  }

  private byte[] tag(long timeNs, PeerAddress client, long high, long low) {
    BigEndian.put64(input, 0, timeNs);
    client.put(input, 8);
    BigEndian.put64(input, 8 + PeerAddress.BYTES, high);
    BigEndian.put64(input, 16 + PeerAddress.BYTES, low);
    return Arrays.copyOf(mac.doFinal(input), MAC_BYTES);
  }
}
