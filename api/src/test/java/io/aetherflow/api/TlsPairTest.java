package io.aetherflow.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import org.junit.jupiter.api.Test;

class TlsPairTest {
  @Test
  void onlyTheTwoThatWereMadeTogetherBelongTogether() throws GeneralSecurityException {
    List<KeyPair> pairs =
        List.of(
            pair("EC", 256),
            pair("EC", 256),
            pair("EC", 384),
            pair("RSA", 2048),
            pair("RSA", 2048),
            pair("RSA", 3072),
            pair("RSASSA-PSS", 2048),
            pair("RSASSA-PSS", 2048),
            pair("Ed25519", 255),
            pair("Ed448", 448));
    for (KeyPair one : pairs) {
      for (KeyPair other : pairs) {
        assertThat(TlsPair.belongTogether(one.getPublic(), other.getPrivate()))
            .as("%s and %s", one.getPublic(), other.getPrivate())
            .isEqualTo(one == other);
      }
    }
  }

  @Test
  void keysThatSignNothingAreRefused() throws GeneralSecurityException {
    KeyPair agreement = pair("X25519", 255);
    assertThatThrownBy(() -> TlsPair.belongTogether(agreement.getPublic(), agreement.getPrivate()))
        .isInstanceOf(NoSuchAlgorithmException.class);
  }

  private static KeyPair pair(String algorithm, int bits) throws NoSuchAlgorithmException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
    generator.initialize(bits);
    return generator.generateKeyPair();
  }
}
