package io.aetherflow.quantum.connection;

import io.aetherflow.quantum.PeerAddress;
import io.aetherflow.quantum.TransportError;
import io.aetherflow.quantum.packet.Flags;
import io.aetherflow.quantum.packet.Guuid;
import io.aetherflow.quantum.packet.PacketNumbers;
import io.aetherflow.quantum.packet.PacketProtection;
import io.aetherflow.quantum.packet.PacketReader;
import io.aetherflow.quantum.packet.PacketRefusal;
import io.aetherflow.quantum.recovery.ReceivedNumbers.Arrival;

/**
 * Which datagrams are taken: parsed, opened, new, and allowed in the connection's state. Times are
 * nanoseconds. Not thread-safe.
 */
final class Arrivals {
  private final Connection connection;
  private final PacketProtection protection;
  private final PacketReader header = new PacketReader();
  private final Inbound inbound;
  private final SpecialPackets specials;
  private final FecReceiver.Sink recoveredSink = this::onRecovered;
  private final Admission admission;
  private final Refused refused;
  private final GapArrivals gaps = new GapArrivals();
  private long nowNs;

  Arrivals(Connection connection, PacketProtection protection) {
    this.connection = connection;
    this.protection = protection;
    inbound = new Inbound(connection);
    admission = new Admission(connection);
    refused = new Refused(connection);
    specials = new SpecialPackets(connection);
  }

  void onDatagram(PeerAddress from, byte[] buf, int off, int length, long nowNs) {
    this.nowNs = nowNs;
    Guuid guuid = connection.guuid();
    if (connection.state() == ConnectionState.CLOSED) {
      drop(DropReason.STATE, length);
    } else if (header.parse(buf, off, length) != PacketRefusal.NONE) {
      drop(DropReason.MALFORMED, length);
    } else if (header.guuidHigh() != guuid.high() || header.guuidLow() != guuid.low()) {
      drop(DropReason.STRANGER, length);
    } else if (!mayComeFrom(from)) {
      drop(DropReason.ADDRESS, length);
    } else if ((header.flags() & (Flags.RST | Flags.RETRY | Flags.VERSION)) == 0) {
      onPacket(from, buf, off, length);
    } else if (!specials.onPacket(header, protection, buf, off)) {
      drop(DropReason.UNASKED, length);
    }
  }

  private void drop(DropReason reason, int bytes) {
    connection.trace.onDropped(reason, bytes, nowNs);
  }

  /** A server never moves; a client may, but not before its first address is proved. */
  private boolean mayComeFrom(PeerAddress from) {
    boolean mayMove = connection.state() == ConnectionState.ESTABLISHED && !connection.isClient();
    return mayMove || from.equals(connection.paths.active());
  }

  private void onPacket(PeerAddress from, byte[] buf, int off, int length) {
    Acknowledger acks = connection.acks;
    long number = PacketNumbers.expand(header.numberWire(), acks.largest());
    int headerBytes = header.headerBytes();
    int payload = protection.open(number, buf, off, headerBytes, header.payloadBytes());
    if (payload == PacketProtection.REFUSED || number < PacketNumbers.FIRST) {
      drop(DropReason.TAG, length);
      return;
    }
    if (!isTakenInState()) {
      drop(DropReason.STATE, length);
      return;
    }
    connection.paths.onReceived(from, length);
    boolean wasRecovered = acks.wasRecovered(number);
    if (!wasRecovered && !isProved(buf, off + headerBytes, payload)) {
      drop(DropReason.EARLY, length);
      return;
    }
    if (!wasRecovered && !admission.hasRoom(buf, off + headerBytes, payload)) {
      drop(DropReason.NO_BUFFERS, length);
      takeWhatCostsNothing(number, buf, off + headerBytes, payload);
      return;
    }
    long largest = acks.largest();
    Arrival arrival = acks.onArrival(number, nowNs);
    if (arrival == Arrival.NO_ROOM) {
      inbound.readForgo(number, buf, off + headerBytes, payload);
      arrival = acks.onArrival(number, nowNs);
    }
    if (arrival == Arrival.DUPLICATE || arrival == Arrival.NO_ROOM) {
      drop(arrival == Arrival.DUPLICATE ? DropReason.DUPLICATE : DropReason.NO_ROOM, length);
      return;
    }
    gaps.onArrival(number, largest, nowNs);
    connection.onPacketArrived(number, length, nowNs);
    if (!wasRecovered) {
      take(from, number, buf, off + headerBytes, payload);
    }
    if (number > largest && connection.state() == ConnectionState.ESTABLISHED) {
      connection.paths.onNewestFrom(from, length);
    }
  }

  private boolean isProved(byte[] buf, int off, int length) {
    return connection.state() != ConnectionState.ACCEPTING || admission.isProved(buf, off, length);
  }

  private void takeWhatCostsNothing(long number, byte[] buf, int off, int length) {
    connection.lifecycle.onAlive(nowNs);
    inbound.readForgo(number, buf, off, length);
    TransportError error = inbound.onAckOnly(header, nowNs);
    if (error == TransportError.NONE) {
      error = refused.read(buf, off, length, nowNs);
    }
    if (error != TransportError.NONE) {
      connection.lifecycle.close(error.code(), error.name(), nowNs);
    }
  }

  private boolean isTakenInState() {
    return switch (connection.state()) {
      case CONNECTING -> header.has(Flags.SYN | Flags.ACK);
      case ACCEPTING, ESTABLISHED -> true;
      case CLOSING -> {
        connection.ending.onLatePacket();
        yield false;
      }
      case DRAINING, CLOSED -> false;
    };
  }

  private void take(PeerAddress from, long number, byte[] buf, int off, int length) {
    boolean hasAck = header.has(Flags.ACK);
    boolean push = header.has(Flags.PSH);
    boolean syn = header.has(Flags.SYN);
    TransportError error = inbound.onPacket(header, from, number, buf, off, length, hasAck, nowNs);
    if (inbound.wantsAnswer()) {
      connection.acks.onWantsAnswer(push, nowNs);
    }
    if (error == TransportError.NONE) {
      connection.fecReceiver.drain(recoveredSink);
    } else {
      connection.lifecycle.close(error.code(), error.name(), nowNs);
    }
    // The client has not heard our answer yet.
    if (syn && connection.state() == ConnectionState.ACCEPTING) {
      connection.handshake.setParamsDue();
    }
    connection.onMtuMaybeChanged();
    connection.lifecycle.finishIfDelivered(nowNs);
  }

  private void onRecovered(int numberWire, byte[] buf, int off, int length) {
    Acknowledger acks = connection.acks;
    long number = PacketNumbers.expand(numberWire, acks.largest());
    boolean taken = acks.isNews(number) && connection.state().isOpen();
    if (number < PacketNumbers.FIRST || !taken) {
      return;
    }
    if (!isProved(buf, off, length) || !admission.hasRoom(buf, off, length)) {
      return;
    }
    acks.onRecovered(number);
    TransportError error = inbound.onRecoveredPacket(number, buf, off, length, nowNs);
    connection.trace.onRecovered(number, gaps.firstAfterNs(number, nowNs), nowNs);
    if (error != TransportError.NONE) {
      connection.lifecycle.close(error.code(), error.name(), nowNs);
    }
  }
}
