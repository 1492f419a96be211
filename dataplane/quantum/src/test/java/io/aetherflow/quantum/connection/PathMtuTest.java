package io.aetherflow.quantum.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.quantum.TransportTuning;
import io.aetherflow.quantum.stream.QuantumStream;
import org.junit.jupiter.api.Test;

/** The size of datagrams follows what the path carries, and data arrives meanwhile. */
class PathMtuTest {
  private static final long SECOND = 1_000 * Pair.MS;

  /** A difference that no further probe is spent on. */
  private static final int STEP_BYTES = 16;

  private final byte[] chunk = new byte[16 * 1024];

  @Test
  void aPathBelowTheCeilingIsFoundWithinAStep() {
    for (int mtuBytes : new int[] {1216, 1280, 1400, 1452}) {
      Pair pair = new Pair(TransportTuning.DEFAULT);
      pair.mtuBytes = mtuBytes;
      pair.runFor(30 * SECOND);
      assertThat(pair.client.datagramBytes())
          .as("of %d", mtuBytes)
          .isBetween(mtuBytes - STEP_BYTES, mtuBytes);
    }
  }

  @Test
  void aPathThatCarriesTheLeastOnlyStaysThere() {
    Pair pair = new Pair(TransportTuning.DEFAULT);
    pair.mtuBytes = 1200;
    pair.runFor(30 * SECOND);
    assertThat(pair.client.datagramBytes()).isEqualTo(1200);
    assertThat(transferMs(pair, 200_000)).isLessThan(2_000);
  }

  @Test
  void aPathThatShrinksUnderDataIsNoticedAndNothingIsLost() {
    Pair pair = Pair.established(TransportTuning.DEFAULT);
    assertThat(pair.client.datagramBytes()).isEqualTo(1472);
    pair.mtuBytes = 1250;
    assertThat(transferMs(pair, 200_000)).isLessThan(10_000);
    assertThat(pair.client.datagramBytes()).isEqualTo(1200);
  }

  /** Virtual milliseconds until the server has read all of it. */
  private long transferMs(Pair pair, int bytes) {
    long fromNs = pair.nowNs;
    QuantumStream out = pair.client.openStream();
    int written = 0;
    int read = 0;
    while (read < bytes && pair.nowNs - fromNs < 60 * SECOND) {
      written += out.write(chunk, 0, Math.min(chunk.length, bytes - written));
      pair.runFor(Pair.MS);
      QuantumStream in = pair.serverEvents.opened;
      read += in == null ? 0 : in.read(chunk, 0, chunk.length);
    }
    assertThat(read).isEqualTo(bytes);
    return (pair.nowNs - fromNs) / Pair.MS;
  }
}
