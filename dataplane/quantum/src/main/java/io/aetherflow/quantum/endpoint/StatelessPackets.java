package io.aetherflow.quantum.endpoint;

import io.aetherflow.quantum.PeerAddress;
import io.aetherflow.quantum.buffer.BigEndian;
import io.aetherflow.quantum.frame.FrameReader;
import io.aetherflow.quantum.packet.Crc32cProtection;
import io.aetherflow.quantum.packet.Flags;
import io.aetherflow.quantum.packet.Guuid;
import io.aetherflow.quantum.packet.PacketHeader;
import io.aetherflow.quantum.packet.PacketProtection;
import io.aetherflow.quantum.packet.PacketReader;
import io.aetherflow.quantum.packet.PacketWriter;

/**
 * Packets of no connection: RST, RETRY, VERSION. Each repeats GUUID and number of the packet that
 * it answers, so that the other end believes it. Not thread-safe.
 */
final class StatelessPackets {
  private static final int TAG_BYTES = 4;

  /** Length of an RST; only longer packets are answered with one, so no two ends can loop. */
  static final int RST_BYTES = PacketHeader.BYTES + TAG_BYTES;

  private static final int VERSION_OFFSET = 4;
  private static final int GUUID_OFFSET = 6;
  private static final int NUMBER_OFFSET = 22;

  private final RetryTokens tokens;
  private final PacketProtection protection = new Crc32cProtection();
  private final TokenFinder finder = new TokenFinder();
  private final FrameReader frames = new FrameReader();

  StatelessPackets(RetryTokens tokens) {
    this.tokens = tokens;
  }

  /** Whether the tag fits; the number's high bits are unknown here and do not matter for it. */
  boolean isIntact(PacketReader header, byte[] buf, int off) {
    return payload(header, buf, off) != PacketProtection.REFUSED;
  }

  private int payload(PacketReader header, byte[] buf, int off) {
    long number = Integer.toUnsignedLong(header.numberWire());
    return protection.open(number, buf, off, header.headerBytes(), header.payloadBytes());
  }

  /** Whether a SYN carries a token that we gave to its address. */
  boolean hasValidToken(PacketReader header, byte[] buf, int off, PeerAddress from, long nowNs) {
    int length = payload(header, buf, off);
    finder.length = 0;
    frames.read(buf, off + header.headerBytes(), Math.max(length, 0), finder);
    return finder.length > 0
        && tokens.isValid(
            finder.buf,
            finder.off,
            finder.length,
            from,
            header.guuidHigh(),
            header.guuidLow(),
            nowNs);
  }

  int putRst(byte[] out, PacketReader header) {
    begin(out, Flags.RST, header);
    return seal(out, header.numberWire(), 0);
  }

  int putRetry(byte[] out, PacketReader header, PeerAddress client, long nowNs) {
    begin(out, Flags.RETRY, header);
    tokens.put(out, PacketHeader.BYTES, client, header.guuidHigh(), header.guuidLow(), nowNs);
    return seal(out, header.numberWire(), RetryTokens.BYTES);
  }

  /** The header of a VERSION packet is the same in all versions; it repeats the client's. */
  int putVersion(byte[] out, byte[] syn, int off) {
    Guuid guuid = Guuid.read(syn, off + GUUID_OFFSET);
    int number = BigEndian.i32(syn, off + NUMBER_OFFSET);
    PacketWriter.putHeader(out, 0, Flags.VERSION, guuid, Integer.toUnsignedLong(number));
    out[VERSION_OFFSET] = syn[off + VERSION_OFFSET];
    out[PacketHeader.BYTES] = PacketHeader.VERSION;
    return seal(out, number, 1);
  }

  private void begin(byte[] out, int flags, PacketReader header) {
    Guuid guuid = new Guuid(header.guuidHigh(), header.guuidLow());
    PacketWriter.putHeader(out, 0, flags, guuid, Integer.toUnsignedLong(header.numberWire()));
  }

  private int seal(byte[] out, int number, int payloadBytes) {
    PacketWriter.putPayloadBytes(out, 0, payloadBytes + TAG_BYTES);
    protection.seal(Integer.toUnsignedLong(number), out, 0, PacketHeader.BYTES, payloadBytes);
    return PacketHeader.BYTES + payloadBytes + TAG_BYTES;
  }
}
