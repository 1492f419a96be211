package io.aetherflow.api;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class EtcdTrustTest {
  private static final String OLD = pem("b2xk");
  private static final String NEW = pem("bmV3");

  @Test
  void theNewestAuthorityGivesTheName() {
    assertThat(EtcdTrust.id(OLD + NEW)).hasSize(16).isEqualTo(EtcdTrust.id(NEW));
    assertThat(EtcdTrust.id(OLD + NEW)).isNotEqualTo(EtcdTrust.id(OLD));
    assertThat(EtcdTrust.id("\n" + NEW + "\n\n")).isEqualTo(EtcdTrust.id(NEW));
  }

  @Test
  void whatHoldsNoCertificateHasNoName() {
    assertThat(EtcdTrust.id("")).isEmpty();
    assertThat(EtcdTrust.id("nonsense")).isEmpty();
  }

  private static String pem(String body) {
    return "-----BEGIN CERTIFICATE-----\n" + body + "\n-----END CERTIFICATE-----\n";
  }
}
