package io.aetherflow.quantum.connection;

import io.aetherflow.quantum.PeerAddress;
import io.aetherflow.quantum.TransportError;
import io.aetherflow.quantum.frame.FrameHandler;
import io.aetherflow.quantum.frame.FrameIgnorer;
import io.aetherflow.quantum.frame.FrameReader;
import io.aetherflow.quantum.frame.FrameRefusal;
import io.aetherflow.quantum.frame.RangeList;
import io.aetherflow.quantum.packet.Flags;
import io.aetherflow.quantum.packet.PacketNumbers;
import io.aetherflow.quantum.packet.PacketRanges;
import io.aetherflow.quantum.packet.PacketReader;
import java.nio.charset.StandardCharsets;

/**
 * Takes the frames of opened packets and hands each to the part of the connection that it concerns.
 * Not thread-safe.
 */
final class Inbound implements FrameHandler {
  private final Connection connection;
  private final FrameReader reader = new FrameReader();
  private final RangeList ackRanges = new RangeList();
  private final FrameHandler forgoOnly =
      new FrameIgnorer() {
        @Override
        public void onForgo(long n) {
          Inbound.this.onForgo(n);
        }
      };
  private PeerAddress from;
  private long number;
  private byte[] frames;
  private int framesOff;
  private int framesLength;
  private boolean recovered;
  private boolean wantsAnswer;
  private long ackDelayNs;
  private TransportError error;
  private long nowNs;

  Inbound(Connection connection) {
    this.connection = connection;
  }

  /**
   * Reads the frames of a packet that arrived and then its acknowledgement, whose delay and further
   * ranges are among the frames.
   */
  TransportError onPacket(
      PacketReader header,
      PeerAddress from,
      long number,
      byte[] buf,
      int off,
      int length,
      boolean hasAck,
      long nowNs) {
    this.from = from;
    this.nowNs = nowNs;
    long ack = readAck(header);
    recovered = false;
    readFrames(number, buf, off, length);
    if (error == TransportError.NONE && hasAck && !takeAck(ack)) {
      error = TransportError.PROTOCOL_VIOLATION;
    }
    return error;
  }

  /** Takes the acknowledgement in a header alone, from a packet whose frames are not kept. */
  TransportError onAckOnly(PacketReader header, long nowNs) {
    this.nowNs = nowNs;
    long ack = readAck(header);
    boolean wrong = header.has(Flags.ACK) && !takeAck(ack);
    return wrong ? TransportError.PROTOCOL_VIOLATION : TransportError.NONE;
  }

  private long readAck(PacketReader header) {
    ackRanges.clear();
    ackDelayNs = 0;
    if (!header.has(Flags.ACK)) {
      return 0;
    }
    long ack = PacketNumbers.expand(header.ackWire(), connection.recovery.sent().largestSent());
    for (int i = 0; i < header.sackCount(); i++) {
      ackRanges.add(header.sackFirst(i, ack), header.sackLast(i, ack));
    }
    return ack;
  }

  private boolean takeAck(long ack) {
    int count = ackRanges.count();
    boolean aboveAck = count == 0 || ackRanges.first(count - 1) > ack + 1;
    return aboveAck && connection.recovery.onAck(ack, ackRanges, ackDelayNs, nowNs);
  }

  /** Reads the frames of a packet that parity gave back; it has no header any more. */
  TransportError onRecoveredPacket(long number, byte[] buf, int off, int length, long nowNs) {
    this.nowNs = nowNs;
    recovered = true;
    readFrames(number, buf, off, length);
    return error;
  }

  /** Obeys FORGO alone, for a packet that cannot be remembered before room is made. */
  void readForgo(long number, byte[] buf, int off, int length) {
    this.number = number;
    reader.read(buf, off, length, forgoOnly);
  }

  /** Whether the frames read last want an acknowledgement. */
  boolean wantsAnswer() {
    return wantsAnswer;
  }

  private void readFrames(long number, byte[] buf, int off, int length) {
    this.number = number;
    frames = buf;
    framesOff = off;
    framesLength = length;
    wantsAnswer = false;
    error = TransportError.NONE;
    FrameRefusal refusal = reader.read(buf, off, length, this);
    if (refusal != FrameRefusal.NONE) {
      fail(TransportError.FRAME_ENCODING);
    }
  }

  private void fail(TransportError cause) {
    if (error == TransportError.NONE) {
      error = cause;
    }
  }

  @Override
  public void onPadding(int bytes) {}

  @Override
  public void onPing() {
    wantsAnswer = true;
  }

  @Override
  public void onAckExt(long delayMicros, long ect0, long ect1, long ce, PacketRanges ranges) {
    if (recovered) {
      return;
    }
    ackDelayNs = Math.min(delayMicros, connection.handshake.peerMaxAckDelayMicros()) * 1000;
    for (int i = 0; i < ranges.count(); i++) {
      ackRanges.add(ranges.first(i), ranges.last(i));
    }
  }

  @Override
  public void onRecovered(PacketRanges ranges) {
    if (!connection.recovery.onPeerRecovered(ranges, nowNs)) {
      fail(TransportError.PROTOCOL_VIOLATION);
    }
  }

  @Override
  public void onForgo(long n) {
    if (n > number) {
      fail(TransportError.PROTOCOL_VIOLATION);
    } else {
      connection.acks.onForgo(n);
    }
  }

  @Override
  public void onParams(
      long maxData,
      long maxStreamData,
      long maxStreams,
      long maxAckDelayMicros,
      long idleTimeoutMillis,
      long maxDatagramBytes) {
    wantsAnswer = true;
    connection.lifecycle.onPeerParams(
        maxData,
        maxStreamData,
        maxStreams,
        maxAckDelayMicros,
        idleTimeoutMillis,
        maxDatagramBytes,
        nowNs);
  }

  /** Reserved for phase 2, and no one speaks it yet. */
  @Override
  public void onCrypto(long offset, byte[] buf, int off, int length) {
    fail(TransportError.PROTOCOL_VIOLATION);
  }

  /** A token in a SYN is the endpoint's business. */
  @Override
  public void onNewToken(byte[] buf, int off, int length) {
    wantsAnswer = true;
  }

  @Override
  public void onStream(long id, long offset, boolean fin, byte[] buf, int off, int length) {
    wantsAnswer = true;
    if (mayHaveStreams()) {
      fail(connection.streams.onStream(id, offset, fin, buf, off, length));
    }
  }

  @Override
  public void onReset(long id, long errorCode, long finalSize) {
    wantsAnswer = true;
    if (mayHaveStreams()) {
      fail(connection.streams.onReset(id, errorCode, finalSize));
    }
  }

  @Override
  public void onStop(long id, long errorCode) {
    wantsAnswer = true;
    if (mayHaveStreams()) {
      fail(connection.streams.onStop(id, errorCode));
    }
  }

  @Override
  public void onMaxData(long limit) {
    wantsAnswer = true;
    connection.streams.onMaxData(limit);
  }

  @Override
  public void onMaxStreamData(long id, long limit) {
    wantsAnswer = true;
    if (mayHaveStreams()) {
      fail(connection.streams.onMaxStreamData(id, limit));
    }
  }

  @Override
  public void onMaxStreams(long limit) {
    wantsAnswer = true;
    connection.streams.onMaxStreams(limit);
  }

  /** A stream needs PARAMS first, or its limits would be unknown. */
  private boolean mayHaveStreams() {
    if (!connection.handshake.hasPeerParams()) {
      fail(TransportError.PROTOCOL_VIOLATION);
    }
    return error == TransportError.NONE;
  }

  @Override
  public void onFecSid(int group, int index) {
    if (!recovered) {
      connection.fecReceiver.onSource(group, index, number, frames, framesOff, framesLength);
    }
  }

  @Override
  public void onRepair(
      int group, int width, int sources, int index, byte[] buf, int off, int length) {
    wantsAnswer = true;
    if (!recovered) {
      connection.fecReceiver.onRepair(group, width, sources, index, buf, off, length);
    }
  }

  @Override
  public void onPathChallenge(long data) {
    wantsAnswer = true;
    if (!recovered) {
      connection.lifecycle.onPathChallenge(data, from);
    }
  }

  @Override
  public void onPathResponse(long data) {
    wantsAnswer = true;
    connection.lifecycle.onPathResponse(data, nowNs);
  }

  @Override
  public void onClose(long errorCode, byte[] reason, int off, int length) {
    String text = new String(reason, off, length, StandardCharsets.UTF_8);
    connection.lifecycle.onPeerClose(errorCode, text, nowNs);
  }
}
