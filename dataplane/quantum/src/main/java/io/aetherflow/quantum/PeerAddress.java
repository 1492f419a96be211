package io.aetherflow.quantum;

import io.aetherflow.quantum.buffer.BigEndian;

/**
 * An address on the network as plain bits, so that the core needs no sockets: an IPv6 address, or
 * an IPv4 address mapped into one. Immutable.
 *
 * @param high first eight bytes
 * @param low last eight bytes
 * @param port 0 to 65535
 */
public record PeerAddress(long high, long low, int port) {
  /** Length of {@link #put}'s form. */
  public static final int BYTES = 18;

  private static final long MAPPED = 0xFFFFL << 32;

  /** An IPv4 address, its four bytes as an int. */
  public static PeerAddress ofIpv4(int address, int port) {
    return new PeerAddress(0, MAPPED | Integer.toUnsignedLong(address), port);
  }

  /** Writes address and port. */
  public void put(byte[] buf, int off) {
    BigEndian.put64(buf, off, high);
    BigEndian.put64(buf, off + 8, low);
    BigEndian.put16(buf, off + 16, port);
  }
}
