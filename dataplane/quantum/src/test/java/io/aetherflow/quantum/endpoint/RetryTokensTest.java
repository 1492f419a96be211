package io.aetherflow.quantum.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.quantum.PeerAddress;
import org.junit.jupiter.api.Test;

/** A token proves one address, for one connection, for some seconds, to one endpoint. */
class RetryTokensTest {
  private static final PeerAddress CLIENT = PeerAddress.ofIpv4(1, 1111);
  private static final long ISSUED_NS = 50_000_000_000L;

  private final RetryTokens tokens = new RetryTokens(new byte[32]);
  private final byte[] token = new byte[RetryTokens.BYTES];

  private boolean isValid(PeerAddress from, long low, long nowNs) {
    return tokens.isValid(token, 0, token.length, from, 7, low, nowNs);
  }

  private void issue() {
    tokens.put(token, 0, CLIENT, 7, 8, ISSUED_NS);
  }

  @Test
  void itHoldsForItsLifetimeAndNoLonger() {
    issue();
    assertThat(isValid(CLIENT, 8, ISSUED_NS)).isTrue();
    assertThat(isValid(CLIENT, 8, ISSUED_NS + RetryTokens.LIFETIME_NS)).isTrue();
    assertThat(isValid(CLIENT, 8, ISSUED_NS + RetryTokens.LIFETIME_NS + 1)).isFalse();
    assertThat(isValid(CLIENT, 8, ISSUED_NS - 1)).as("from the future").isFalse();
  }

  @Test
  void anotherAddressPortOrConnectionCannotUseIt() {
    issue();
    assertThat(isValid(PeerAddress.ofIpv4(2, 1111), 8, ISSUED_NS)).isFalse();
    assertThat(isValid(PeerAddress.ofIpv4(1, 1112), 8, ISSUED_NS)).isFalse();
    assertThat(isValid(CLIENT, 9, ISSUED_NS)).isFalse();
  }

  @Test
  void noBitOfItCanBeChanged() {
    issue();
    for (int bit = 0; bit < 8 * token.length; bit++) {
      token[bit / 8] ^= (byte) (1 << bit % 8);
      assertThat(isValid(CLIENT, 8, ISSUED_NS)).as("bit %d", bit).isFalse();
      token[bit / 8] ^= (byte) (1 << bit % 8);
    }
    assertThat(tokens.isValid(token, 0, token.length - 1, CLIENT, 7, 8, ISSUED_NS)).isFalse();
  }

  @Test
  void anotherEndpointsKeyMakesOthers() {
    byte[] key = new byte[32];
    key[31] = 1;
    new RetryTokens(key).put(token, 0, CLIENT, 7, 8, ISSUED_NS);
    assertThat(isValid(CLIENT, 8, ISSUED_NS)).isFalse();
  }
}
