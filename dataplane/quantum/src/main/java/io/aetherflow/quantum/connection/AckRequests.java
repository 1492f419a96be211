package io.aetherflow.quantum.connection;

/**
 * When the sender asks for an acknowledgement at once: it alone knows its window, an eighth of
 * which may go unanswered, for 1 ms (as ACK_FREQUENCY of draft-ietf-quic-ack-frequency would tell a
 * peer). A flow that uses little of its window asks for nothing; its acknowledgements travel with
 * data. Not thread-safe.
 */
final class AckRequests {
  /** Eight answers per window keep rate samples, loss detection and the window going. */
  private static final int PER_WINDOW = 8;

  /**
   * Where an eighth of the window takes longer to send, the window opens in fewer and larger steps,
   * and in a queue that others keep full large steps lose more: in simulations the share beside
   * BBRv1 falls from 29 % with answers to every second packet to 24, 21 and 20 % with one in 2, 5
   * and 10 ms.
   */
  private static final long INTERVAL_NS = 1_000_000;

  /** RFC 9000 section 13.2.2: every second packet, while the window is small. */
  private static final int PACKETS_MIN = 2;

  /** A flow with less than this share of its window in flight does not wait for it. */
  private static final int IDLE_SHARE = 4;

  private long unaskedBytes;
  private long askedNs;

  /**
   * Counts a packet that is about to be sent.
   *
   * @param bytes the most it can have
   */
  boolean isDue(int bytes, long inFlightBytes, long windowBytes, long nowNs) {
    unaskedBytes += bytes;
    boolean waits = inFlightBytes + bytes >= windowBytes / IDLE_SHARE;
    boolean isLate = nowNs - askedNs >= INTERVAL_NS;
    long step = isLate ? 0 : windowBytes / PER_WINDOW;
    boolean due = waits && unaskedBytes >= Math.max(step, (long) PACKETS_MIN * bytes);
    if (due) {
      unaskedBytes = 0;
      askedNs = nowNs;
    }
    return due;
  }
}
