package io.aetherflow.quantum.packet;

/** What {@link PacketReader#parse} says about a datagram. */
public enum PacketRefusal {
  /** Not refused: the header and the SACK blocks are well formed. */
  NONE,
  /** Shorter than a header. */
  TOO_SHORT,
  /** Not a Quantum packet. */
  BAD_MAGIC,
  /** Another version; flags and GUUID are readable, nothing else is. */
  UNKNOWN_VERSION,
  /** The payload length field claims more bytes than arrived. */
  PAYLOAD_TOO_LONG,
  /** The area between header and payload is not a multiple of a SACK block. */
  SACK_MISALIGNED,
  /** More than {@link PacketHeader#SACK_BLOCKS_MAX} blocks. */
  TOO_MANY_SACK_BLOCKS,
  /** An ack number or SACK blocks without the ACK flag. */
  ACK_WITHOUT_FLAG,
  /** Blocks not disjoint, not newest first, or not above the ack number. */
  SACK_DISORDERED
}
