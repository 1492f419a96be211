package io.aetherflow.quantum.connection;

import io.aetherflow.quantum.PeerAddress;
import io.aetherflow.quantum.frame.FrameWriter;
import io.aetherflow.quantum.packet.Flags;
import io.aetherflow.quantum.packet.PacketHeader;
import io.aetherflow.quantum.packet.PacketProtection;
import io.aetherflow.quantum.packet.PacketWriter;
import io.aetherflow.quantum.stream.SentKind;

/** Decides which packet leaves next and builds it. Times are nanoseconds. Not thread-safe. */
final class Outbound {
  /** Among so many waiting packets one MTU probe costs nothing that a call would feel. */
  private static final int BULK_PACKETS = 16;

  /** A packet with a path challenge and all SACK blocks: small, for the sake of the 3x rule. */
  private static final int CHALLENGE_BYTES_MAX = 112;

  /**
   * What may leave at once after a pause (RFC 9002 section 7.7): a call and its parity must not
   * wait for the pace that earlier, small calls have shown.
   */
  private static final int BURST_PACKETS = 10;

  /** The time that BBR's send quantum spans, and a share of the round trip where that is short. */
  private static final long BATCH_NS_MAX = 1_000_000;

  private static final int BATCHES_PER_ROUND_TRIP = 8;

  private final Connection connection;
  private final PacketProtection protection;
  private final AckRequests ackRequests = new AckRequests();
  private final FrameWriter writer = new FrameWriter();
  private final Pacer pacer = new Pacer();
  private byte[] out;
  private int off;
  private int headerBytes;
  private int ackBlocks;
  private boolean source;
  private boolean wantsAnswer;
  private boolean acknowledges;
  private PeerAddress to;
  private long nowNs;

  Outbound(Connection connection, PacketProtection protection) {
    this.connection = connection;
    this.protection = protection;
  }

  /** Where the packet built last goes. */
  PeerAddress to() {
    return to;
  }

  void resetPacing() {
    pacer.reset();
  }

  /** Builds the next packet; returns its length, 0 if nothing may leave now. */
  int poll(long nowNs, byte[] out, int off) {
    this.nowNs = nowNs;
    this.out = out;
    this.off = off;
    to = connection.paths.active();
    connection.timers.disarm(Timer.PACING);
    if (!connection.recovery.sent().hasRoom()) {
      return 0;
    }
    return switch (connection.state()) {
      case CONNECTING -> connection.handshake.isParamsDue() ? syn() : 0;
      case ACCEPTING ->
          connection.handshake.isParamsDue() || connection.acks.isDue() ? synAck() : 0;
      case ESTABLISHED -> open();
      case CLOSING -> connection.ending.takeCloseDue() ? close() : 0;
      case DRAINING, CLOSED -> 0;
    };
  }

  private int syn() {
    begin(Flags.SYN | Flags.PSH, PathMtu.BASE_BYTES, 0, 0);
    connection.handshake.writeToken(writer);
    writeParams();
    writer.padding(writer.room());
    return finish();
  }

  private int synAck() {
    begin(Flags.SYN | Flags.PSH, PathMtu.BASE_BYTES, connection.acks.blocks(), 0);
    writeParams();
    writer.pathChallenge(connection.paths.handshakeChallenge());
    int bytes = headerBytes + writer.bytes() + protection.tagBytes();
    if (bytes > connection.paths.budgetBytes()) {
      connection.recovery.frames().abandon();
      connection.handshake.setParamsDue();
      connection.acks.onAckSent();
      return 0;
    }
    return finish();
  }

  private void writeParams() {
    writer.params(connection.config().params());
    connection.recovery.frames().record(SentKind.PARAMS, null, 0, 0);
    connection.handshake.onParamsWritten();
    wantsAnswer = true;
  }

  private int close() {
    begin(Flags.FIN, PathMtu.BASE_BYTES, connection.acks.blocks(), 0);
    connection.ending.writeClose(writer);
    int bytes = headerBytes + writer.bytes() + protection.tagBytes();
    return bytes > connection.paths.budgetBytes() ? 0 : finish();
  }

  private int open() {
    if (connection.paths.hasResponse()) {
      return pathResponse();
    }
    if (connection.paths.challengeDue(CHALLENGE_BYTES_MAX)) {
      return pathChallenge();
    }
    if (connection.takeProbeDue()) {
      return data(true);
    }
    int bytes = paced();
    if (bytes == 0 && connection.acks.isDue()) {
      return acknowledgement();
    }
    return bytes;
  }

  /** Packets that window and pace must allow. */
  private int paced() {
    FecSender fec = connection.fecSender;
    FecSender.Repair repair = fec.nextDue(connection.recovery.sent(), nowNs);
    boolean data = connection.streams.hasSendable() || connection.isPingDue();
    int probe = connection.mtu.probeBytes(nowNs);
    if (repair == null && !data && probe == 0) {
      pacer.onPause();
      onAppLimited();
      return 0;
    }
    boolean probes = probe != 0 && repair == null && (!data || isBulk());
    int bytes = probes ? probe : connection.mtu.currentBytes();
    if (!connection.recovery.windowAllows(bytes)) {
      pacer.onPause();
      return 0;
    }
    if (!pacer.isReady(nowNs)) {
      awaitPace(bytes);
      return 0;
    }
    if (repair != null) {
      return repair(repair);
    }
    return probes ? mtuProbe(probe) : data(false);
  }

  /** A batch is of what waits: the last packets of an answer and parity wait for no other. */
  private void awaitPace(int bytes) {
    var congestion = connection.recovery.congestion();
    var rtt = connection.recovery.rtt();
    long batchBytes = Math.min(congestion.sendQuantumBytes(), connection.streams.backlogBytes());
    long roundTripNs = rtt.hasSample() ? rtt.smoothedNs() : 0;
    long batchNs = Math.min(BATCH_NS_MAX, roundTripNs / BATCHES_PER_ROUND_TRIP);
    long rate = congestion.pacingRateBytesPerSecond();
    connection.timers.arm(Timer.PACING, pacer.onWait(bytes, rate, batchBytes, batchNs));
  }

  /** Whether so much waits that a pause for an MTU probe may never come. */
  private boolean isBulk() {
    return connection.streams.backlogBytes() >= BULK_PACKETS * connection.mtu.currentBytes();
  }

  private void onAppLimited() {
    long inFlight = connection.recovery.sent().bytesInFlight();
    connection.recovery.congestion().onAppLimited(inFlight);
  }

  /** Streams, control frames, PING. */
  private int data(boolean probe) {
    boolean sendable = connection.streams.hasSendable();
    boolean source = sendable && !probe && joinsGroup();
    int spare = source ? FecSender.OVERHEAD_BYTES : 0;
    int bytes = probe ? probeBytes() : connection.mtu.currentBytes();
    begin(probe ? Flags.PSH : ackRequest(), bytes, connection.acks.blocks(), spare);
    if (source) {
      this.source = true;
      writer.fecSid(connection.fecSender.group(), connection.fecSender.index());
    }
    writeSignals();
    long retransmitted = connection.streams.retransmittedFrames();
    connection.streams.write(writer, connection.recovery.frames());
    if (connection.takePingDue() || probe && !connection.recovery.frames().hasPending()) {
      writer.ping();
      connection.recovery.frames().record(SentKind.PING, null, 0, 0);
    }
    wantsAnswer |= connection.recovery.frames().hasPending();
    if (connection.streams.retransmittedFrames() > retransmitted) {
      long number = connection.recovery.sent().nextNumber();
      connection.trace.onRetransmission(number, probe, nowNs);
    }
    int sent = finish();
    closeGroupIfDue();
    return sent;
  }

  /** One without an answer may have been too large for the path, so the next one is small. */
  private int probeBytes() {
    boolean unanswered = connection.recovery.losses().probes() > 1;
    return unanswered ? PathMtu.BASE_BYTES : connection.mtu.currentBytes();
  }

  private boolean joinsGroup() {
    var rtt = connection.recovery.rtt();
    long smoothedNs = rtt.hasSample() ? rtt.smoothedNs() : 0;
    long backlog = connection.streams.backlogBytes();
    long rate = connection.recovery.congestion().pacingRateBytesPerSecond();
    boolean validated = connection.paths.isValidated();
    if (!connection.fecSender.policy().protects(nowNs, smoothedNs, validated, backlog, rate)) {
      connection.fecSender.close(nowNs);
      return false;
    }
    return connection.fecSender.ensureOpen(nowNs);
  }

  private void closeGroupIfDue() {
    if (connection.fecSender.isFull() || !connection.streams.hasSendable()) {
      connection.fecSender.close(nowNs);
    }
  }

  private int repair(FecSender.Repair repair) {
    int room = connection.mtu.currentBytes() - PacketHeader.BYTES - protection.tagBytes();
    int left = room - FrameWriter.REPAIR_OVERHEAD_BYTES - repair.length;
    if (left < 0) {
      connection.fecSender.drop();
      return connection.acks.isDue() ? acknowledgement() : 0;
    }
    int blocks = Math.min(left / PacketHeader.SACK_BLOCK_BYTES, connection.acks.blocks());
    begin(ackRequest(), connection.mtu.currentBytes(), blocks, 0);
    writer.repair(
        repair.group, repair.width, repair.sources, repair.index, repair.parity, 0, repair.length);
    connection.fecSender.drop();
    wantsAnswer = true;
    long number = connection.recovery.sent().nextNumber();
    connection.trace.onRepairSent(number, repair.sources, nowNs);
    return finish();
  }

  private int mtuProbe(int size) {
    begin(Flags.PSH, size, connection.acks.blocks(), 0);
    writer.ping();
    writer.padding(writer.room());
    connection.recovery.frames().record(SentKind.MTU_PROBE, null, 0, size);
    connection.mtu.onProbeSent(size);
    wantsAnswer = true;
    return finish();
  }

  private int acknowledgement() {
    begin(0, connection.mtu.currentBytes(), connection.acks.blocks(), 0);
    writeSignals();
    wantsAnswer |= connection.recovery.frames().hasPending();
    return finish();
  }

  private int pathResponse() {
    begin(0, PathMtu.BASE_BYTES, connection.acks.blocks(), 0);
    writer.pathResponse(connection.paths.responseData());
    to = connection.paths.takeResponseAddress();
    return finish();
  }

  private int pathChallenge() {
    begin(Flags.PSH, PathMtu.BASE_BYTES, connection.acks.blocks(), 0);
    writer.pathChallenge(connection.paths.challenge());
    to = connection.paths.candidate();
    int bytes = headerBytes + writer.bytes() + protection.tagBytes();
    connection.paths.onChallengeSent(bytes);
    connection.lifecycle.onChallengeSent(nowNs);
    return finish();
  }

  /** The flag that asks for an acknowledgement at once, where the window needs it. */
  private int ackRequest() {
    int bytes = connection.mtu.currentBytes();
    long inFlight = connection.recovery.sent().bytesInFlight();
    long window = connection.recovery.congestion().congestionWindowBytes();
    return ackRequests.isDue(bytes, inFlight, window, nowNs) ? Flags.PSH : 0;
  }

  /** What any packet may carry beside its own purpose. */
  private void writeSignals() {
    acknowledges = true;
    connection.acks.writeFrames(writer, ackBlocks, nowNs);
    long forgo = connection.recovery.forgo(nowNs);
    if (forgo > 0 && writer.forgo(forgo)) {
      connection.recovery.onForgoSent(forgo);
    }
    if (connection.handshake.owesResponse()) {
      writer.pathResponse(connection.handshake.response());
      connection.recovery.frames().record(SentKind.PATH_RESPONSE, null, 0, 0);
    }
  }

  private void begin(int flags, int datagramBytes, int blocks, int spareBytes) {
    source = false;
    wantsAnswer = false;
    acknowledges = connection.state() != ConnectionState.ESTABLISHED;
    PacketWriter.putHeader(
        out, off, flags, connection.guuid(), connection.recovery.sent().nextNumber());
    ackBlocks = blocks;
    headerBytes = PacketHeader.BYTES;
    if (connection.acks.hasReceived()) {
      headerBytes = connection.acks.putAck(out, off, blocks);
    }
    int room = datagramBytes - headerBytes - protection.tagBytes();
    int roomForSource = datagramBytes - PacketHeader.BYTES - protection.tagBytes() - spareBytes;
    writer.begin(out, off + headerBytes, Math.min(room, roomForSource));
  }

  private int finish() {
    int framesBytes = writer.bytes();
    long number = connection.recovery.sent().nextNumber();
    PacketWriter.putPayloadBytes(out, off, framesBytes + protection.tagBytes());
    if (source) {
      connection.fecSender.onSource(number, out, off + headerBytes, framesBytes);
      connection.trace.onSourceSent(number, connection.fecSender.group(), nowNs);
    }
    protection.seal(number, out, off, headerBytes, framesBytes);
    int bytes = headerBytes + framesBytes + protection.tagBytes();
    connection.recovery.onSent(wantsAnswer ? bytes : 0, !connection.streams.hasSendable(), nowNs);
    if (acknowledges) {
      connection.acks.onAckSent();
    }
    connection.paths.onSent(bytes);
    if (wantsAnswer) {
      var congestion = connection.recovery.congestion();
      pacer.onSent(
          bytes,
          nowNs,
          congestion.pacingRateBytesPerSecond(),
          Math.max(congestion.sendQuantumBytes(), BURST_PACKETS * connection.mtu.currentBytes()));
    }
    connection.onPacketLeft(number, bytes, wantsAnswer, nowNs);
    return bytes;
  }
}
