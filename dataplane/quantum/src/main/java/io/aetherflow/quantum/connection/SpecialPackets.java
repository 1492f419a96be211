package io.aetherflow.quantum.connection;

import io.aetherflow.quantum.connection.CloseReason.Cause;
import io.aetherflow.quantum.frame.FrameLimits;
import io.aetherflow.quantum.packet.Flags;
import io.aetherflow.quantum.packet.PacketHeader;
import io.aetherflow.quantum.packet.PacketNumbers;
import io.aetherflow.quantum.packet.PacketProtection;
import io.aetherflow.quantum.packet.PacketReader;

/**
 * Packets that an endpoint sends without a connection: RST, RETRY and VERSION. They have no number
 * of their own, but repeat the number of the packet that they answer. Not thread-safe.
 */
final class SpecialPackets {
  private final Connection connection;

  SpecialPackets(Connection connection) {
    this.connection = connection;
  }

  /** Says whether the packet answers something of ours that still matters. */
  boolean onPacket(PacketReader header, PacketProtection protection, byte[] buf, int off) {
    long largest = connection.recovery.sent().largestSent();
    long number = PacketNumbers.expand(header.numberWire(), largest);
    int headerBytes = header.headerBytes();
    int payload = protection.open(number, buf, off, headerBytes, header.payloadBytes());
    boolean answersUs = number >= PacketNumbers.FIRST && number <= largest;
    if (payload == PacketProtection.REFUSED || !answersUs) {
      return false;
    }
    boolean connecting = connection.state() == ConnectionState.CONNECTING;
    if (header.has(Flags.RST)) {
      connection.lifecycle.end(
          new CloseReason(Cause.RESET, 0, "the peer does not know this connection"));
      return true;
    }
    if (header.has(Flags.RETRY) && connecting) {
      return onRetry(buf, off + headerBytes, payload);
    }
    if (header.has(Flags.VERSION) && connecting && !lists(buf, off + headerBytes, payload)) {
      connection.lifecycle.end(
          new CloseReason(Cause.VERSION, 0, "the server speaks no version of ours"));
      return true;
    }
    return false;
  }

  private boolean onRetry(byte[] buf, int off, int length) {
    boolean token = length >= 1 && length <= FrameLimits.TOKEN_BYTES_MAX;
    if (token) {
      connection.handshake.onRetry(buf, off, length);
    }
    return token;
  }

  /** A VERSION packet that lists our version cannot come from a server that understood us. */
  private static boolean lists(byte[] buf, int off, int length) {
    for (int i = 0; i < length; i++) {
      if (buf[off + i] == PacketHeader.VERSION) {
        return true;
      }
    }
    return false;
  }
}
