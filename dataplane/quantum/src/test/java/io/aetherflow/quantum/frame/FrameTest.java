package io.aetherflow.quantum.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aetherflow.quantum.buffer.VarInt;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class FrameTest {
  private static final int ROOM = 1 << 16;

  private final FrameWriter writer = new FrameWriter();
  private final FrameReader reader = new FrameReader();

  @Property(tries = 1000)
  void roundTrip(@ForAll long seed, @ForAll @IntRange(max = 12) int count) {
    List<Frame> frames = RandomFrames.list(new Random(seed), count);
    byte[] payload = encode(frames);
    FrameCollector collector = new FrameCollector();
    assertThat(reader.read(payload, 0, payload.length, collector)).isEqualTo(FrameRefusal.NONE);
    assertThat(collector.frames()).isEqualTo(frames);
  }

  /** What a mutant is read as must be written back as the same bytes: one encoding per value. */
  @Property(tries = 4000)
  void mutantsAreRefusedOrCanonical(@ForAll long seed, @ForAll @IntRange(min = 1, max = 6) int n) {
    Random random = new Random(seed);
    byte[] payload = encode(RandomFrames.list(random, n));
    for (int i = 0; i <= random.nextInt(4); i++) {
      payload[random.nextInt(payload.length)] = (byte) random.nextInt(256);
    }
    int length = random.nextInt(payload.length + 1);
    FrameCollector collector = new FrameCollector();
    if (reader.read(payload, 0, length, collector) == FrameRefusal.NONE) {
      assertThat(encode(collector.frames())).isEqualTo(java.util.Arrays.copyOf(payload, length));
    }
  }

  @Property(tries = 2000)
  void noiseNeverThrows(@ForAll byte[] noise) {
    assertThat(reader.read(noise, 0, noise.length, new FrameCollector())).isNotNull();
  }

  @Property(tries = 300)
  void aFrameThatDoesNotFitLeavesNothing(@ForAll long seed) {
    Frame frame = RandomFrames.one(new Random(seed));
    int size = encode(List.of(frame)).length;
    writer.begin(new byte[size], 0, size - 1);
    assertThat(writer.write(frame)).isFalse();
    assertThat(writer.bytes()).isZero();
    writer.begin(new byte[size], 0, size);
    assertThat(writer.write(frame)).isTrue();
    assertThat(writer.room()).isZero();
  }

  @Test
  void rangesAtTheLimitPassAndOneMoreIsRefused() {
    byte[] payload = new byte[2 + 2 + 2 * FrameLimits.RANGES_MAX + 2];
    payload[0] = FrameType.RECOVERED;
    int off = VarInt.put(payload, 1, FrameLimits.RANGES_MAX);
    off = VarInt.put(payload, off, 1000);
    assertThat(refusal(payload, off + 1 + 2 * (FrameLimits.RANGES_MAX - 1)))
        .isEqualTo(FrameRefusal.NONE);
    VarInt.put(payload, 1, FrameLimits.RANGES_MAX + 1);
    assertThat(refusal(payload, payload.length)).isEqualTo(FrameRefusal.TOO_LONG);
  }

  @Test
  void boundsOfEveryLengthAreRefusedWithTheirReason() {
    assertThat(refusal(0x40)).isEqualTo(FrameRefusal.UNKNOWN_TYPE);
    assertThat(refusal(FrameType.FORGO)).isEqualTo(FrameRefusal.TRUNCATED);
    assertThat(refusal(FrameType.FORGO, 0x40, 0x05)).isEqualTo(FrameRefusal.NOT_CANONICAL);
    assertThat(refusal(FrameType.NEW_TOKEN, 0)).isEqualTo(FrameRefusal.OUT_OF_RANGE);
    assertThat(refusal(FrameType.NEW_TOKEN, 0x40, 129)).isEqualTo(FrameRefusal.TOO_LONG);
    assertThat(refusal(FrameType.CLOSE, 0, 0x41, 1)).isEqualTo(FrameRefusal.TOO_LONG);
    assertThat(refusal(FrameType.FEC_SID, 0, 0, 0, 1, 64)).isEqualTo(FrameRefusal.OUT_OF_RANGE);
    assertThat(refusal(FrameType.RECOVERED, 0)).isEqualTo(FrameRefusal.OUT_OF_RANGE);
    assertThat(refusal(FrameType.RECOVERED, 1, 3, 4)).isEqualTo(FrameRefusal.OUT_OF_RANGE);
    int[] tooFar = {FrameType.STREAM, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 7};
    assertThat(refusal(tooFar)).isEqualTo(FrameRefusal.OUT_OF_RANGE);
  }

  @Test
  void repairBoundsHoldAtTheLimitAndFailBeyond() {
    assertThat(repair(64, 64, 31, 6)).isEqualTo(FrameRefusal.NONE);
    assertThat(repair(65, 64, 31, 6)).isEqualTo(FrameRefusal.OUT_OF_RANGE);
    assertThat(repair(10, 11, 0, 6)).isEqualTo(FrameRefusal.OUT_OF_RANGE);
    assertThat(repair(10, 0, 0, 6)).isEqualTo(FrameRefusal.OUT_OF_RANGE);
    assertThat(repair(10, 10, 32, 6)).isEqualTo(FrameRefusal.OUT_OF_RANGE);
    assertThat(repair(10, 10, 0, 5)).isEqualTo(FrameRefusal.OUT_OF_RANGE);
    assertThat(repair(10, 10, 0, 7)).isEqualTo(FrameRefusal.TRUNCATED);
  }

  @Test
  void ourOwnMistakesThrow() {
    writer.begin(new byte[ROOM], 0, ROOM);
    assertThatThrownBy(() -> writer.fecSid(1, 64)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> writer.forgo(-1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> RangeList.of(1, 2, 1, 2)).isInstanceOf(IllegalArgumentException.class);
  }

  private FrameRefusal repair(int width, int sources, int index, int length) {
    return refusal(
        FrameType.REPAIR, 0, 0, 0, 1, width, sources, index, 0, length, 1, 2, 3, 1, 1, 1);
  }

  private FrameRefusal refusal(int... bytes) {
    byte[] payload = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      payload[i] = (byte) bytes[i];
    }
    return refusal(payload, payload.length);
  }

  private FrameRefusal refusal(byte[] payload, int length) {
    return reader.read(payload, 0, length, new FrameCollector());
  }

  private byte[] encode(List<Frame> frames) {
    byte[] buf = new byte[ROOM];
    writer.begin(buf, 0, ROOM);
    for (Frame frame : new ArrayList<>(frames)) {
      assertThat(writer.write(frame)).isTrue();
    }
    return java.util.Arrays.copyOf(buf, writer.bytes());
  }
}
