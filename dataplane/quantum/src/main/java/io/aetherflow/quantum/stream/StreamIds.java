package io.aetherflow.quantum.stream;

import io.aetherflow.quantum.frame.FrameWriter;

/**
 * Which streams each end has opened, and how many it may. Ids are {@code 2n} for the client's and
 * {@code 2n + 1} for the server's, n from 0. Not thread-safe.
 */
final class StreamIds {
  static final long NONE = -1;

  private final int localBit;
  private final int peerStreams;
  private long localOpened;
  private long localLimit;
  private long peerOpened;
  private long peerClosed;
  private long peerGranted;
  private boolean grantPending;

  /**
   * @param client whether this end opened the connection
   * @param peerStreams how many streams the peer may have open at once
   */
  StreamIds(boolean client, int peerStreams) {
    localBit = client ? 0 : 1;
    this.peerStreams = peerStreams;
    peerGranted = peerStreams;
  }

  /** The id of one more stream of ours, or {@link #NONE} while the peer allows no more. */
  long openLocal() {
    return localOpened < localLimit ? 2 * localOpened++ + localBit : NONE;
  }

  /** The next stream of the peer's, if it is at or below {@code id}, or {@link #NONE}. */
  long openPeerUpTo(long id) {
    return peerOpened <= ordinal(id) ? 2 * peerOpened++ + (localBit ^ 1) : NONE;
  }

  private static long ordinal(long id) {
    return id >>> 1;
  }

  boolean isLocal(long id) {
    return (id & 1) == localBit;
  }

  /** Whether a stream of ours has been opened, also if it is closed by now. */
  boolean isLocalOpened(long id) {
    return ordinal(id) < localOpened;
  }

  /** Whether a frame opens this stream of the peer's. */
  boolean isNew(long id) {
    return !isLocal(id) && ordinal(id) >= peerOpened;
  }

  /** Whether the peer may have opened this stream of its own. */
  boolean isGranted(long id) {
    return ordinal(id) < peerGranted;
  }

  /** Streams that a frame opens: its own and all lower ones. */
  long newStreams(long id) {
    return ordinal(id) - peerOpened + 1;
  }

  /** Whether the peer allows more streams than before. */
  boolean onMaxStreams(long limit) {
    boolean more = limit > localLimit;
    localLimit = Math.max(localLimit, limit);
    return more;
  }

  /** A stream is over; one of the peer's makes room for another. */
  void onClosed(long id) {
    if (!isLocal(id)) {
      peerClosed++;
      long worth = Math.max(peerStreams / 2, 1);
      grantPending |= peerClosed + peerStreams - peerGranted >= worth;
    }
  }

  boolean isGrantPending() {
    return grantPending;
  }

  void onGrantLost() {
    grantPending = true;
  }

  /** Writes MAX_STREAMS if it is due and there is room. */
  void writeGrant(FrameWriter writer, FrameLog log) {
    if (grantPending && writer.maxStreams(peerClosed + peerStreams)) {
      peerGranted = peerClosed + peerStreams;
      grantPending = false;
      log.record(SentKind.MAX_STREAMS, null, 0, 0);
    }
  }
}
