package io.aetherflow.quantum.netty;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Who runs with small socket buffers is told, and told what to raise. */
class SocketBuffersTest {
  /** Linux's usual net.core.rmem_max, doubled as getsockopt tells it. */
  private static final int CLIPPED = 2 * 212_992;

  @Test
  void aClippedBufferIsWarnedOfInEitherDirection() {
    assertThat(SocketBuffers.warning(CLIPPED, SocketBuffers.BYTES))
        .hasValueSatisfying(
            text -> assertThat(text).contains("425984", "4194304", "net.core.rmem_max"));
    assertThat(SocketBuffers.warning(SocketBuffers.BYTES, CLIPPED)).isPresent();
    assertThat(SocketBuffers.warning(SocketBuffers.BYTES - 1, SocketBuffers.BYTES)).isPresent();
  }

  @Test
  void whatWasAskedForIsNot() {
    assertThat(SocketBuffers.warning(SocketBuffers.BYTES, 2 * SocketBuffers.BYTES)).isEmpty();
    assertThat(SocketBuffers.warning(null, null)).as("a socket that does not tell").isEmpty();
  }
}
