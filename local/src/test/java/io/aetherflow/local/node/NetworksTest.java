package io.aetherflow.local.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class NetworksTest {
  @TempDir private Path one;
  @TempDir private Path two;

  @Test
  void twoClustersOnOneMachineHaveDifferentAddresses() throws IOException {
    Networks first = Networks.claim(one);
    Networks second = Networks.claim(two);
    assertThat(second.pods()).isNotEqualTo(first.pods());
    assertThat(second.services()).isNotEqualTo(first.services()).isNotEqualTo(first.pods());
    assertThat(first.isHeld()).isTrue();
  }

  @Test
  void aClusterWhoseAddressesAreInUseIsToldSo() throws IOException {
    Networks first = Networks.claim(one);
    Files.copy(one.resolve("network"), two.resolve("network"));
    assertThatThrownBy(() -> Networks.claim(two))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(first.pods() + ".0.0/16")
        .hasMessageContaining("./aetherflow down");
  }
}
