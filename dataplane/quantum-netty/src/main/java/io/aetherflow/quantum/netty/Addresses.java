package io.aetherflow.quantum.netty;

import io.aetherflow.quantum.PeerAddress;
import io.aetherflow.quantum.buffer.BigEndian;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/** Between the JDK's addresses and the core's plain bits. Stateless. */
final class Addresses {
  private static final int IPV4_BYTES = 4;
  private static final long MAPPED = 0xFFFF;

  private Addresses() {}

  static PeerAddress toPeer(InetSocketAddress address) {
    byte[] bytes = address.getAddress().getAddress();
    if (bytes.length == IPV4_BYTES) {
      return PeerAddress.ofIpv4(BigEndian.i32(bytes, 0), address.getPort());
    }
    return new PeerAddress(BigEndian.i64(bytes, 0), BigEndian.i64(bytes, 8), address.getPort());
  }

  static InetSocketAddress toSocket(PeerAddress peer) {
    try {
      return new InetSocketAddress(InetAddress.getByAddress(bytes(peer)), peer.port());
    } catch (UnknownHostException e) {
      throw new IllegalStateException("4 and 16 bytes are always an address", e);
    }
  }

  /** An IPv4 address in the low half of an IPv6 one. */
  static long mapped(int ipv4) {
    return MAPPED << 32 | ipv4 & 0xFFFF_FFFFL;
  }

  private static byte[] bytes(PeerAddress peer) {
    boolean mapped = peer.high() == 0 && peer.low() >>> 32 == MAPPED;
    byte[] bytes = new byte[mapped ? IPV4_BYTES : 2 * Long.BYTES];
    if (mapped) {
      BigEndian.put32(bytes, 0, (int) peer.low());
    } else {
      BigEndian.put64(bytes, 0, peer.high());
      BigEndian.put64(bytes, 8, peer.low());
    }
    return bytes;
  }
}
