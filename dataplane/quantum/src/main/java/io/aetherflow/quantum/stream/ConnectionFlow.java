package io.aetherflow.quantum.stream;

import io.aetherflow.quantum.frame.FrameWriter;

/**
 * Flow control of a whole connection: how much content of all streams the peer may have of us, and
 * how much we grant it. Counts bytes. Not thread-safe.
 */
final class ConnectionFlow {
  private final long windowBytes;
  private final Share share;
  private long sendLimit;
  private long sent;
  private long receiveLimit;
  private long received;
  private long consumed;
  private boolean grantPending;

  ConnectionFlow(long windowBytes, Share share) {
    this.windowBytes = windowBytes;
    this.share = share;
    receiveLimit = windowBytes;
  }

  /** The peer granted so much in all. */
  void onSendLimit(long limit) {
    sendLimit = Math.max(sendLimit, limit);
  }

  /** New bytes that may be sent now. */
  long sendCredit() {
    return sendLimit - sent;
  }

  void onSent(long bytes) {
    sent += bytes;
  }

  /** New data came in; false if it exceeds what was granted. */
  boolean onReceived(long bytes) {
    received += bytes;
    return received <= receiveLimit;
  }

  void onConsumed(long bytes) {
    consumed += bytes;
    grantIfWorth();
  }

  /** Bytes that were read so far. */
  long consumedBytes() {
    return consumed;
  }

  /** Looks again whether a grant is worth a frame: the window depends on the process's buffers. */
  void grantIfWorth() {
    if (nextReceiveLimit() - receiveLimit >= (window() + 3) / 4) {
      grantPending = true;
    }
  }

  private long nextReceiveLimit() {
    return consumed + window();
  }

  private long window() {
    return share.isTight() ? Math.min(windowBytes, Share.TIGHT_WINDOW_BYTES) : windowBytes;
  }

  boolean isGrantPending() {
    return grantPending;
  }

  void onGrantLost() {
    grantPending = true;
  }

  /** Writes MAX_DATA if it is due and there is room. */
  void writeGrant(FrameWriter writer, FrameLog log) {
    long limit = Math.max(receiveLimit, nextReceiveLimit());
    if (grantPending && writer.maxData(limit)) {
      receiveLimit = limit;
      grantPending = false;
      log.record(SentKind.MAX_DATA, null, 0, 0);
    }
  }

  /** Whether the peer was granted less than it would be if buffers were not short. */
  boolean isHeldBack() {
    return consumed + windowBytes / 2 > receiveLimit;
  }
}
