package io.aetherflow.quantum.frame;

import io.aetherflow.quantum.packet.PacketRanges;

/**
 * Receives the frames of a payload in order. Arrays and ranges belong to the reader and are valid
 * only during the call; copy what must stay. Integers are within the bounds of {@link FrameLimits}
 * and, where nothing else is said, 0 to 2^62 - 1; whether they make sense for the connection's
 * state is the handler's business.
 */
public interface FrameHandler {
  void onPadding(int bytes);

  void onPing();

  /**
   * @param delayMicros between the arrival of the newest acknowledged packet and this frame
   * @param ranges received numbers beyond the header's SACK blocks; may be empty
   */
  void onAckExt(long delayMicros, long ect0, long ect1, long ce, PacketRanges ranges);

  /** {@code ranges} were lost and rebuilt from parity; at least one range. */
  void onRecovered(PacketRanges ranges);

  /** The sender needs no acknowledgement below {@code number}. */
  void onForgo(long number);

  /**
   * What the sender of this frame grants and promises; only in packets with SYN.
   *
   * @param maxData first limit of MAX_DATA
   * @param maxStreamData first limit of each stream
   * @param maxStreams how many streams the receiver of this frame may open at first
   * @param maxAckDelayMicros the longest that an acknowledgement is held back
   * @param idleTimeoutMillis silence after which the connection is forgotten, 0 for never
   * @param maxDatagramBytes largest datagram taken, at least {@link FrameLimits#DATAGRAM_BYTES_MIN}
   */
  void onParams(
      long maxData,
      long maxStreamData,
      long maxStreams,
      long maxAckDelayMicros,
      long idleTimeoutMillis,
      long maxDatagramBytes);

  void onCrypto(long offset, byte[] buf, int off, int length);

  /** {@code length} is 1 to {@link FrameLimits#TOKEN_BYTES_MAX}. */
  void onNewToken(byte[] buf, int off, int length);

  /** {@code offset + length} is at most 2^62 - 1. */
  void onStream(long id, long offset, boolean fin, byte[] buf, int off, int length);

  void onReset(long id, long errorCode, long finalSize);

  void onStop(long id, long errorCode);

  void onMaxData(long limit);

  void onMaxStreamData(long id, long limit);

  void onMaxStreams(long limit);

  /** This packet is source {@code index} (0 to 63) of {@code group} (unsigned 32 bits). */
  void onFecSid(int group, int index);

  /**
   * Parity of a group.
   *
   * @param group unsigned 32 bits
   * @param width N, columns of the coding matrix, 1 to 64
   * @param sources k, how many sources the group has, 1 to {@code width}
   * @param index j, the parity row, 0 to 31
   */
  void onRepair(int group, int width, int sources, int index, byte[] buf, int off, int length);

  void onPathChallenge(long data);

  void onPathResponse(long data);

  /**
   * {@code length} bytes of UTF-8 text for humans, at most {@link FrameLimits#REASON_BYTES_MAX}.
   */
  void onClose(long errorCode, byte[] reason, int off, int length);
}
