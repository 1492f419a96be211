package io.aetherflow.quantum.connection;

/**
 * When the sender asks for an acknowledgement at once: it alone knows its window, an eighth of
 * which may go unanswered (as ACK_FREQUENCY of draft-ietf-quic-ack-frequency would tell a peer). A
 * flow that uses little of its window asks for nothing; its acknowledgements travel with data. Not
 * thread-safe.
 */
final class AckRequests {
  /** Eight answers per window keep rate samples, loss detection and the window going. */
  private static final int PER_WINDOW = 8;

  /** RFC 9000 section 13.2.2: every second packet, while the window is small. */
  private static final int PACKETS_MIN = 2;

  /** A flow with less than this share of its window in flight does not wait for it. */
  private static final int IDLE_SHARE = 4;

  private long unaskedBytes;

  /**
   * Counts a packet that is about to be sent.
   *
   * @param bytes the most it can have
   */
  boolean isDue(int bytes, long inFlightBytes, long windowBytes) {
    unaskedBytes += bytes;
    boolean waits = inFlightBytes + bytes >= windowBytes / IDLE_SHARE;
    long step = Math.max(windowBytes / PER_WINDOW, (long) PACKETS_MIN * bytes);
    boolean due = waits && unaskedBytes >= step;
    if (due) {
      unaskedBytes = 0;
    }
    return due;
  }
}
