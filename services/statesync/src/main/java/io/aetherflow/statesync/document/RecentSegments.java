package io.aetherflow.statesync.document;

import io.aetherflow.statesync.log.Segment;
import java.util.ArrayDeque;
import java.util.List;

/** The end of a shard's log, for those who are only a little behind. */
final class RecentSegments {
  /** With 256 shards, bounds the whole at 8 MiB plus one segment each. */
  private static final int BYTES_MAX = 32 << 10;

  private final ArrayDeque<Segment> segments = new ArrayDeque<>();
  private int bytes;

  void add(Segment segment) {
    segments.add(segment);
    bytes += segment.encodedBytes();
    while (bytes > BYTES_MAX) {
      bytes -= segments.remove().encodedBytes();
    }
  }

  boolean reachBack(long number) {
    return !segments.isEmpty() && segments.peek().number() <= number;
  }

  List<Segment> from(long number) {
    return segments.stream().filter(segment -> segment.number() >= number).toList();
  }
}
