package io.aetherflow.quantum.packet;

import java.util.List;

/**
 * A parsed header as a value, for traces and tests; the packet path uses {@link PacketReader} and
 * {@link PacketWriter}. Numbers are the 32 bits of the wire, as unsigned values.
 *
 * @param flags bits of {@link Flags}
 * @param guuid the connection
 * @param number low 32 bits of this packet's number
 * @param ack low 32 bits of the cumulative acknowledgement
 * @param payloadBytes payload length, the protection's tag included
 * @param sack what arrived above {@code ack}, newest first
 */
public record PacketHeader(
    int flags, Guuid guuid, long number, long ack, int payloadBytes, List<SackBlock> sack) {
  /** First four bytes of every Quantum datagram: "QUNT". */
  public static final int MAGIC = 0x51554E54;

  /** The only version spoken so far. */
  public static final int VERSION = 1;

  /** Header length without SACK blocks. */
  public static final int BYTES = 32;

  /** Length of one SACK block. */
  public static final int SACK_BLOCK_BYTES = 8;

  /** Caps the loop that a peer can make us run per packet; further ranges travel in ACK_EXT. */
  public static final int SACK_BLOCKS_MAX = 8;

  static final int VERSION_OFFSET = 4;
  static final int FLAGS_OFFSET = 5;
  static final int GUUID_OFFSET = 6;
  static final int NUMBER_OFFSET = 22;
  static final int ACK_OFFSET = 26;
  static final int PAYLOAD_LENGTH_OFFSET = 30;

  /** Copies the list. */
  public PacketHeader {
    sack = List.copyOf(sack);
  }

  /** One range of received numbers, low 32 bits, both ends included. */
  public record SackBlock(long first, long last) {}
}
