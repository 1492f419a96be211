package io.aetherflow.quantum.packet;

import static io.aetherflow.quantum.packet.PacketHeader.SACK_BLOCKS_MAX;
import static io.aetherflow.quantum.packet.PacketHeader.SACK_BLOCK_BYTES;

import io.aetherflow.quantum.buffer.BigEndian;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the header of one datagram in place. Reused for every packet and therefore free of
 * allocation; the getters are valid after {@link #parse} answered {@link PacketRefusal#NONE}, until
 * the next call. Not thread-safe.
 */
public final class PacketReader {
  private byte[] buf = new byte[0];
  private int off;
  private int sackCount;
  private int payloadBytes;

  /**
   * Checks the header and the SACK blocks of a datagram. Never throws for any content.
   *
   * @return {@link PacketRefusal#NONE} if well formed; nothing is said about authenticity, which is
   *     {@link PacketProtection#open}'s business
   */
  public PacketRefusal parse(byte[] buf, int off, int length) {
    java.util.Objects.checkFromIndexSize(off, length, buf.length);
    this.buf = buf;
    this.off = off;
    sackCount = 0;
    payloadBytes = 0;
    if (length < PacketHeader.BYTES) {
      return PacketRefusal.TOO_SHORT;
    }
    if (BigEndian.i32(buf, off) != PacketHeader.MAGIC) {
      return PacketRefusal.BAD_MAGIC;
    }
    if (version() != PacketHeader.VERSION) {
      return PacketRefusal.UNKNOWN_VERSION;
    }
    return parseLengths(length);
  }

  private PacketRefusal parseLengths(int length) {
    int claimed = BigEndian.u16(buf, off + PacketHeader.PAYLOAD_LENGTH_OFFSET);
    int sackBytes = length - PacketHeader.BYTES - claimed;
    if (sackBytes < 0) {
      return PacketRefusal.PAYLOAD_TOO_LONG;
    }
    if (sackBytes % SACK_BLOCK_BYTES != 0) {
      return PacketRefusal.SACK_MISALIGNED;
    }
    if (sackBytes > SACK_BLOCKS_MAX * SACK_BLOCK_BYTES) {
      return PacketRefusal.TOO_MANY_SACK_BLOCKS;
    }
    int blocks = sackBytes / SACK_BLOCK_BYTES;
    if (!has(Flags.ACK) && (blocks > 0 || ackWire() != 0)) {
      return PacketRefusal.ACK_WITHOUT_FLAG;
    }
    if (!sackOrdered(blocks)) {
      return PacketRefusal.SACK_DISORDERED;
    }
    sackCount = blocks;
    payloadBytes = claimed;
    return PacketRefusal.NONE;
  }

  /**
   * Distances above the ack number must fall from block to block, leaving gaps, and stay over 1.
   */
  private boolean sackOrdered(int blocks) {
    long ceiling = Integer.MAX_VALUE;
    for (int i = 0; i < blocks; i++) {
      long first = sackAbove(i, 0);
      long last = sackAbove(i, 4);
      if (first < 2 || first > last || last > ceiling) {
        return false;
      }
      ceiling = first - 2;
    }
    return true;
  }

  /** Distance from the ack number to one end of block {@code i}, 0 to 2^32 - 1. */
  private long sackAbove(int i, int end) {
    int at = off + PacketHeader.BYTES + i * SACK_BLOCK_BYTES + end;
    return Integer.toUnsignedLong(BigEndian.i32(buf, at) - ackWire());
  }

  public int version() {
    return BigEndian.u8(buf, off + PacketHeader.VERSION_OFFSET);
  }

  public int flags() {
    return BigEndian.u8(buf, off + PacketHeader.FLAGS_OFFSET);
  }

  /** Whether all bits of {@code flags} are set. */
  public boolean has(int flags) {
    return (flags() & flags) == flags;
  }

  public long guuidHigh() {
    return BigEndian.i64(buf, off + PacketHeader.GUUID_OFFSET);
  }

  public long guuidLow() {
    return BigEndian.i64(buf, off + PacketHeader.GUUID_OFFSET + 8);
  }

  /** This packet's number on the wire; {@link PacketNumbers#expand} makes it whole. */
  public int numberWire() {
    return BigEndian.i32(buf, off + PacketHeader.NUMBER_OFFSET);
  }

  /** The cumulative acknowledgement on the wire. */
  public int ackWire() {
    return BigEndian.i32(buf, off + PacketHeader.ACK_OFFSET);
  }

  public int sackCount() {
    return sackCount;
  }

  /** Smallest number of block {@code i}, given the expanded ack number. */
  public long sackFirst(int i, long ack) {
    return ack + sackAbove(i, 0);
  }

  /** Largest number of block {@code i}, given the expanded ack number. */
  public long sackLast(int i, long ack) {
    return ack + sackAbove(i, 4);
  }

  /** Header and SACK blocks, the associated data of the protection. */
  public int headerBytes() {
    return PacketHeader.BYTES + sackCount * SACK_BLOCK_BYTES;
  }

  /** Payload length, the tag included. */
  public int payloadBytes() {
    return payloadBytes;
  }

  /** The header as a value; allocates. */
  public PacketHeader toHeader() {
    List<PacketHeader.SackBlock> sack = new ArrayList<>();
    for (int i = 0; i < sackCount; i++) {
      int at = off + PacketHeader.BYTES + i * SACK_BLOCK_BYTES;
      sack.add(new PacketHeader.SackBlock(BigEndian.u32(buf, at), BigEndian.u32(buf, at + 4)));
    }
    return new PacketHeader(
        flags(),
        new Guuid(guuidHigh(), guuidLow()),
        Integer.toUnsignedLong(numberWire()),
        Integer.toUnsignedLong(ackWire()),
        payloadBytes,
        sack);
  }
}
