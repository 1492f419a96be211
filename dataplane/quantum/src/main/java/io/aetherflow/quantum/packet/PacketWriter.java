package io.aetherflow.quantum.packet;

import io.aetherflow.quantum.buffer.BigEndian;

/** Writes headers and SACK blocks. Stateless and free of allocation. */
public final class PacketWriter {
  private PacketWriter() {}

  /**
   * Writes the header without ACK information; the payload length follows by {@link
   * #putPayloadBytes}.
   */
  public static void putHeader(byte[] buf, int off, int flags, Guuid guuid, long number) {
    BigEndian.put32(buf, off, PacketHeader.MAGIC);
    buf[off + PacketHeader.VERSION_OFFSET] = (byte) PacketHeader.VERSION;
    buf[off + PacketHeader.FLAGS_OFFSET] = (byte) flags;
    BigEndian.put64(buf, off + PacketHeader.GUUID_OFFSET, guuid.high());
    BigEndian.put64(buf, off + PacketHeader.GUUID_OFFSET + 8, guuid.low());
    BigEndian.put32(buf, off + PacketHeader.NUMBER_OFFSET, PacketNumbers.truncate(number));
    BigEndian.put32(buf, off + PacketHeader.ACK_OFFSET, 0);
    BigEndian.put16(buf, off + PacketHeader.PAYLOAD_LENGTH_OFFSET, 0);
  }

  /**
   * Adds the ACK flag, the ack number and the newest SACK blocks that fit.
   *
   * @param ack cumulative: every number up to it is settled
   * @param above ranges received above {@code ack + 1}
   * @param blocksMax room for blocks; at most {@link PacketHeader#SACK_BLOCKS_MAX} are written
   * @return bytes of header and blocks together
   */
  public static int putAck(byte[] buf, int off, long ack, PacketRanges above, int blocksMax) {
    buf[off + PacketHeader.FLAGS_OFFSET] |= (byte) Flags.ACK;
    BigEndian.put32(buf, off + PacketHeader.ACK_OFFSET, PacketNumbers.truncate(ack));
    int blocks = Math.min(Math.min(above.count(), blocksMax), PacketHeader.SACK_BLOCKS_MAX);
    int at = off + PacketHeader.BYTES;
    for (int i = 0; i < blocks; i++, at += PacketHeader.SACK_BLOCK_BYTES) {
      BigEndian.put32(buf, at, PacketNumbers.truncate(above.first(i)));
      BigEndian.put32(buf, at + 4, PacketNumbers.truncate(above.last(i)));
    }
    return at - off;
  }

  /** Sets the payload length, the tag included. */
  public static void putPayloadBytes(byte[] buf, int off, int payloadBytes) {
    if (payloadBytes < 0 || payloadBytes > 0xFFFF) {
      throw new IllegalArgumentException("payload must fit 16 bits, not " + payloadBytes);
    }
    BigEndian.put16(buf, off + PacketHeader.PAYLOAD_LENGTH_OFFSET, payloadBytes);
  }
}
