package io.aetherflow.statesync.document;

import java.util.Arrays;

/**
 * In which segment of the shard's log a document's operations are, for every n-th of them; n
 * doubles as the document grows, so that the index stays below 8 KiB.
 */
final class PlaceIndex {
  private static final int ENTRIES_MAX = 512;
  private static final int ENTRIES_FIRST = 4;

  private long[] seqs = new long[ENTRIES_FIRST];
  private long[] segments = new long[ENTRIES_FIRST];
  private int size;
  private long stride = 1;

  /** A segment holds operations from this one on. */
  void add(long firstSeq, long segment) {
    if (size > 0 && firstSeq < seqs[size - 1] + stride) {
      return;
    }
    if (size == ENTRIES_MAX) {
      thin();
    }
    if (size == seqs.length) {
      seqs = Arrays.copyOf(seqs, size * 2);
      segments = Arrays.copyOf(segments, size * 2);
    }
    seqs[size] = firstSeq;
    segments[size] = segment;
    size++;
  }

  /** A segment at or before the one that holds the operation; 0 when the document has none. */
  long segmentBefore(long seq) {
    if (size == 0) {
      return 0;
    }
    int found = Arrays.binarySearch(seqs, 0, size, seq);
    return segments[found >= 0 ? found : Math.max(0, -found - 2)];
  }

  private void thin() {
    for (int i = 0; i < size / 2; i++) {
      seqs[i] = seqs[2 * i];
      segments[i] = segments[2 * i];
    }
    size /= 2;
    stride *= 2;
  }
}
