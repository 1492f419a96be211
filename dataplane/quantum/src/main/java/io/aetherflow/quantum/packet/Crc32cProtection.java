package io.aetherflow.quantum.packet;

import io.aetherflow.quantum.buffer.BigEndian;
import java.util.zip.CRC32C;

/**
 * Integrity against corruption, which parity would otherwise spread to other packets. This is no
 * security: anyone can compute it. The tag is the CRC-32C over header, SACK blocks and payload.
 */
public final class Crc32cProtection implements PacketProtection {
  private static final int TAG_BYTES = 4;

  private final CRC32C crc = new CRC32C();

  @Override
  public int tagBytes() {
    return TAG_BYTES;
  }

  @Override
  public void seal(long number, byte[] buf, int off, int headerBytes, int payloadBytes) {
    int covered = headerBytes + payloadBytes;
    BigEndian.put32(buf, off + covered, checksum(buf, off, covered));
  }

  @Override
  public int open(long number, byte[] buf, int off, int headerBytes, int payloadBytes) {
    if (payloadBytes < TAG_BYTES) {
      return REFUSED;
    }
    int covered = headerBytes + payloadBytes - TAG_BYTES;
    boolean intact = BigEndian.i32(buf, off + covered) == checksum(buf, off, covered);
    return intact ? payloadBytes - TAG_BYTES : REFUSED;
  }

  private int checksum(byte[] buf, int off, int length) {
    crc.reset();
    crc.update(buf, off, length);
    return (int) crc.getValue();
  }
}
