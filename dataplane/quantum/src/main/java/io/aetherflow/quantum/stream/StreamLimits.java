package io.aetherflow.quantum.stream;

/**
 * What one connection grants its peer, and what it keeps for its own writers.
 *
 * @param connectionWindowBytes how far all streams together may be ahead of their readers
 * @param streamWindowBytes the same for one stream, at most {@link ReceiveBuffer#WINDOW_MAX_BYTES}
 * @param peerStreams how many streams the peer may have open at once; caps the memory of a peer
 *     that opens streams and leaves them
 * @param sendBufferBytes unacknowledged bytes kept per stream before writes come short
 */
public record StreamLimits(
    long connectionWindowBytes, int streamWindowBytes, int peerStreams, int sendBufferBytes) {
  /**
   * Room for 100 Mbit/s over 600 ms, or over 150 ms while a packet is lost three times in a row: a
   * stream goes on behind a hole as far as its window reaches.
   */
  public static final StreamLimits DEFAULT = new StreamLimits(16 << 20, 8 << 20, 1024, 8 << 20);

  /** Checks ranges. */
  public StreamLimits {
    if (connectionWindowBytes < 1 || peerStreams < 0 || sendBufferBytes < 1) {
      throw new IllegalArgumentException("limits must be positive");
    }
  }
}
