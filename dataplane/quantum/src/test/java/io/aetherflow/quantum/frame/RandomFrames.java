package io.aetherflow.quantum.frame;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Valid frames drawn from a seed, each integer length about as often as the others. */
final class RandomFrames {
  private static final int KINDS = 19;

  private RandomFrames() {}

  /** No two paddings in a row, since the reader joins them. */
  static List<Frame> list(Random random, int count) {
    List<Frame> frames = new ArrayList<>();
    while (frames.size() < count) {
      Frame frame = one(random);
      boolean joins = frame instanceof Frame.Padding && !frames.isEmpty();
      if (!joins || !(frames.getLast() instanceof Frame.Padding)) {
        frames.add(frame);
      }
    }
    return frames;
  }

  static Frame one(Random random) {
    return switch (random.nextInt(KINDS)) {
      case 0 -> new Frame.Padding(1 + random.nextInt(40));
      case 1 -> new Frame.Ping();
      case 2 ->
          new Frame.AckExt(
              number(random), number(random), number(random), number(random), ranges(random, 0));
      case 3 -> new Frame.Recovered(ranges(random, 1));
      case 4 -> new Frame.Forgo(number(random));
      case 5 -> new Frame.Crypto(number(random) / 2, bytes(random, 0, 300));
      case 6 -> new Frame.NewToken(bytes(random, 1, FrameLimits.TOKEN_BYTES_MAX));
      case 7 ->
          new Frame.Stream(
              number(random), number(random) / 2, random.nextBoolean(), bytes(random, 0, 300));
      case 8 -> new Frame.Reset(number(random), number(random), number(random));
      case 9 -> new Frame.Stop(number(random), number(random));
      case 10 -> new Frame.MaxData(number(random));
      case 11 -> new Frame.MaxStreamData(number(random), number(random));
      case 12 -> new Frame.MaxStreams(number(random));
      case 13 -> new Frame.FecSid(random.nextInt(), random.nextInt(64));
      case 14 -> repair(random);
      case 15 -> new Frame.PathChallenge(random.nextLong());
      case 16 ->
          new Frame.Params(
              number(random),
              number(random),
              number(random),
              random.nextInt(FrameLimits.ACK_DELAY_MICROS_MAX + 1),
              number(random),
              FrameLimits.DATAGRAM_BYTES_MIN + number(random) / 2);
      case 17 -> new Frame.PathResponse(random.nextLong());
      default -> new Frame.Close(number(random), bytes(random, 0, FrameLimits.REASON_BYTES_MAX));
    };
  }

  private static Frame repair(Random random) {
    int width = 1 + random.nextInt(64);
    return new Frame.Repair(
        random.nextInt(),
        width,
        1 + random.nextInt(width),
        random.nextInt(32),
        bytes(random, FrameLimits.PARITY_BYTES_MIN, 300));
  }

  private static long number(Random random) {
    return random.nextLong() >>> (2 + random.nextInt(62));
  }

  private static Bytes bytes(Random random, int min, int max) {
    byte[] bytes = new byte[min + random.nextInt(max - min + 1)];
    random.nextBytes(bytes);
    return Bytes.of(bytes);
  }

  private static RangeList ranges(Random random, int min) {
    RangeList list = new RangeList();
    long last = 1L << 20 + random.nextInt(40);
    for (int n = min + random.nextInt(FrameLimits.RANGES_MAX + 1 - min); n > 0; n--) {
      long first = last - random.nextInt(200);
      list.add(first, last);
      last = first - 2 - random.nextInt(200);
    }
    return list;
  }
}
