package io.aetherflow.quantum.packet;

/**
 * Stands on every packet: what it did not seal, the connection never sees. The header's payload
 * length counts the tag, so the header must be final before sealing. Implementations belong to one
 * connection and one thread, and allocate nothing per packet.
 */
public interface PacketProtection {
  /** Answer of {@link #open} to a packet that was not sealed like this. */
  int REFUSED = -1;

  /** Bytes that {@link #seal} appends. */
  int tagBytes();

  /**
   * Protects a packet in place and appends the tag.
   *
   * @param number the 64-bit packet number, the nonce of an AEAD; never used twice
   * @param off where the header starts
   * @param headerBytes header and SACK blocks: authenticated, not encrypted
   * @param payloadBytes payload without tag; the tag's room behind it must exist
   */
  void seal(long number, byte[] buf, int off, int headerBytes, int payloadBytes);

  /**
   * Checks and opens a packet in place.
   *
   * @param number the expanded packet number
   * @param payloadBytes payload with tag, as the header says
   * @return payload length without the tag, or {@link #REFUSED}
   */
  int open(long number, byte[] buf, int off, int headerBytes, int payloadBytes);
}
