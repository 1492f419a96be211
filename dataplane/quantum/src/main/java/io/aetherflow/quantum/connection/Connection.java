package io.aetherflow.quantum.connection;

import io.aetherflow.quantum.PeerAddress;
import io.aetherflow.quantum.TransportError;
import io.aetherflow.quantum.TransportTuning;
import io.aetherflow.quantum.congestion.CongestionController;
import io.aetherflow.quantum.connection.CloseReason.Cause;
import io.aetherflow.quantum.fec.FecPolicy;
import io.aetherflow.quantum.packet.Crc32cProtection;
import io.aetherflow.quantum.packet.Flags;
import io.aetherflow.quantum.packet.Guuid;
import io.aetherflow.quantum.packet.PacketNumbers;
import io.aetherflow.quantum.packet.PacketProtection;
import io.aetherflow.quantum.packet.PacketReader;
import io.aetherflow.quantum.packet.PacketRefusal;
import io.aetherflow.quantum.recovery.LossDetector;
import io.aetherflow.quantum.recovery.ReceivedNumbers.Arrival;
import io.aetherflow.quantum.stream.QuantumStream;
import io.aetherflow.quantum.stream.SentKind;
import io.aetherflow.quantum.stream.Streams;
import java.util.random.RandomGenerator;

/**
 * One end of a Quantum connection, without I/O: {@code docs/quantum-protocol.md}.
 *
 * <p>The owner feeds {@link #onDatagram} and {@link #onTimeout}, then calls {@link #deliverEvents},
 * then {@link #pollTransmit} until it answers 0, then waits until {@link #nextTimeoutNs}. The same
 * holds after calls of streams. Times are nanoseconds of one clock of the owner's; a time before an
 * earlier one counts as that earlier one. One thread at a time; allocates nothing per packet.
 */
public final class Connection {
  /** Probe timeouts for which a closed connection still answers. */
  private static final int CLOSE_TIMEOUTS = 3;

  /** Between path challenges: what the old path has shown says little about the new one. */
  private static final long CHALLENGE_NS_MAX = 300_000_000;

  /** Silence after which buffers are given back. */
  private static final long TRIM_NS = 2_000_000_000;

  final TimerTable timers = new TimerTable();
  final Streams streams;
  final Acknowledger acks;
  final Recovery recovery;
  final Paths paths;
  final PathMtu mtu = new PathMtu();
  final FecSender fecSender;
  final FecReceiver fecReceiver = new FecReceiver();
  final ConnectionTrace trace;
  final Handshake handshake;
  final Ending ending = new Ending();

  private final ConnectionConfig config;
  private final boolean client;
  private final Guuid guuid;
  private final PacketProtection protection = new Crc32cProtection();
  private final PacketReader header = new PacketReader();
  private final Inbound inbound = new Inbound(this);
  private final Outbound outbound = new Outbound(this, protection);
  private final FecReceiver.Sink recoveredSink = this::onRecovered;
  private final SpecialPackets specials = new SpecialPackets(this);
  private TransportTuning tuning;
  private ConnectionState state;
  private long idleTimeoutNs;
  private boolean pingDue;
  private boolean probeDue;
  private boolean tellEstablished;
  private long lastNs;
  private long lastActiveNs;
  private Object attachment;

  /** A client's connection; its first packet is ready to be polled. */
  public static Connection connect(
      ConnectionConfig config,
      Guuid guuid,
      PeerAddress server,
      RandomGenerator random,
      ConnectionTrace trace,
      long nowNs) {
    Paths paths = new Paths(server, true, random);
    return new Connection(config, true, guuid, paths, trace, nowNs);
  }

  /**
   * A server's connection for a SYN, which must be given to {@link #onDatagram} next.
   *
   * @param validated whether a token has proved the client's address
   */
  public static Connection accept(
      ConnectionConfig config,
      Guuid guuid,
      PeerAddress client,
      boolean validated,
      RandomGenerator random,
      ConnectionTrace trace,
      long nowNs) {
    Paths paths = new Paths(client, validated, random);
    paths.drawHandshakeChallenge();
    return new Connection(config, false, guuid, paths, trace, nowNs);
  }

  private Connection(
      ConnectionConfig config,
      boolean client,
      Guuid guuid,
      Paths paths,
      ConnectionTrace trace,
      long nowNs) {
    this.config = config;
    this.client = client;
    this.guuid = guuid;
    this.paths = paths;
    this.trace = trace;
    tuning = config.tuning();
    state = client ? ConnectionState.CONNECTING : ConnectionState.ACCEPTING;
    handshake = new Handshake(client);
    idleTimeoutNs = config.idleTimeoutNs();
    streams = new Streams(client, config.streams());
    acks = new Acknowledger(config.maxAckDelayNs());
    recovery = new Recovery(freshCongestion(), mtu, config.maxAckDelayNs(), new Outcome(), trace);
    fecSender = new FecSender(fecPolicy(), tuning.groupSize(), flushNs());
    lastNs = nowNs;
    lastActiveNs = nowNs;
    timers.arm(Timer.HANDSHAKE, nowNs + config.handshakeTimeoutNs());
  }

  private CongestionController freshCongestion() {
    CongestionController fresh = config.congestion().get();
    fresh.setTuning(tuning.startupGainPercent(), tuning.maxCwndPackets());
    fresh.onMtuChanged(PathMtu.BASE_BYTES);
    return fresh;
  }

  private FecPolicy fecPolicy() {
    return FecPolicies.of(tuning, recovery.lossEstimator());
  }

  private long flushNs() {
    return tuning.flushMillis() * 1_000_000L;
  }

  /** Applies a tuning to the open connection; parity changes with the next group. */
  public void setTuning(TransportTuning tuning, long nowNs) {
    clamp(nowNs);
    this.tuning = tuning;
    fecSender.close(lastNs);
    fecSender.setTuning(fecPolicy(), tuning.groupSize(), flushNs());
    recovery.congestion().setTuning(tuning.startupGainPercent(), tuning.maxCwndPackets());
    updateTimers();
  }

  /** Takes a datagram, which may be anything. The array is changed only by opening the packet. */
  public void onDatagram(PeerAddress from, byte[] buf, int off, int length, long nowNs) {
    clamp(nowNs);
    if (state == ConnectionState.CLOSED
        || header.parse(buf, off, length) != PacketRefusal.NONE
        || header.guuidHigh() != guuid.high()
        || header.guuidLow() != guuid.low()
        || !mayComeFrom(from)) {
      return;
    }
    if ((header.flags() & (Flags.RST | Flags.RETRY | Flags.VERSION)) != 0) {
      specials.onPacket(header, protection, buf, off);
    } else {
      onPacket(from, buf, off, length);
    }
    updateTimers();
  }

  /** A server never moves; a client may, but not before its first address is proved. */
  private boolean mayComeFrom(PeerAddress from) {
    return state == ConnectionState.ESTABLISHED && !client || from.equals(paths.active());
  }

  private void onPacket(PeerAddress from, byte[] buf, int off, int length) {
    long number = PacketNumbers.expand(header.numberWire(), acks.largest());
    int headerBytes = header.headerBytes();
    int payload = protection.open(number, buf, off, headerBytes, header.payloadBytes());
    if (payload == PacketProtection.REFUSED || number < PacketNumbers.FIRST) {
      return;
    }
    if (state == ConnectionState.CLOSING) {
      ending.onLatePacket();
      return;
    }
    boolean early = state == ConnectionState.CONNECTING && !header.has(Flags.SYN | Flags.ACK);
    if (early || state == ConnectionState.DRAINING) {
      return;
    }
    paths.onReceived(from, length);
    boolean wasRecovered = acks.wasRecovered(number);
    boolean newest = number > acks.largest();
    Arrival arrival = acks.onArrival(number, lastNs);
    if (arrival == Arrival.NO_ROOM) {
      inbound.readForgo(number, buf, off + headerBytes, payload);
      arrival = acks.onArrival(number, lastNs);
    }
    if (arrival == Arrival.DUPLICATE || arrival == Arrival.NO_ROOM) {
      return;
    }
    trace.onPacketReceived(number, length, lastNs);
    lastActiveNs = lastNs;
    timers.arm(Timer.IDLE, lastNs + idleTimeoutNs);
    if (!wasRecovered) {
      take(from, number, buf, off + headerBytes, payload);
    }
    if (newest && state == ConnectionState.ESTABLISHED) {
      paths.onNewestFrom(from, length);
    }
  }

  private void take(PeerAddress from, long number, byte[] buf, int off, int length) {
    boolean hasAck = header.has(Flags.ACK);
    boolean push = header.has(Flags.PSH);
    boolean syn = header.has(Flags.SYN);
    TransportError error = inbound.onPacket(header, from, number, buf, off, length, hasAck, lastNs);
    if (inbound.wantsAnswer()) {
      acks.onWantsAnswer(push, lastNs);
    }
    if (error == TransportError.NONE) {
      fecReceiver.drain(recoveredSink);
    } else {
      close(error.code(), error.name(), lastNs);
    }
    // The client has not heard our answer yet.
    if (syn && state == ConnectionState.ACCEPTING) {
      handshake.setParamsDue();
    }
    onMtuMaybeChanged();
    finishIfDelivered();
  }

  private void onRecovered(int numberWire, byte[] buf, int off, int length) {
    long number = PacketNumbers.expand(numberWire, acks.largest());
    if (number < PacketNumbers.FIRST || !acks.isNews(number) || !state.isOpen()) {
      return;
    }
    acks.onRecovered(number);
    trace.onRecovered(number, lastNs);
    TransportError error = inbound.onRecoveredPacket(number, buf, off, length, lastNs);
    if (error != TransportError.NONE) {
      close(error.code(), error.name(), lastNs);
    }
  }

  private void onMtuMaybeChanged() {
    if (recovery.takeMtuChange() != 0) {
      fecSender.dropAll();
    }
  }

  /** Call when {@link #nextTimeoutNs} has come; early calls do no harm. */
  public void onTimeout(long nowNs) {
    clamp(nowNs);
    for (Timer due = timers.pollDue(lastNs); due != null; due = timers.pollDue(lastNs)) {
      onTimer(due);
      if (state == ConnectionState.CLOSED) {
        break;
      }
    }
    updateTimers();
  }

  private void onTimer(Timer timer) {
    switch (timer) {
      case LOSS -> onLossTimer();
      case ACK_DELAY -> acks.onDelayOver();
      case FEC_FLUSH -> fecSender.close(lastNs);
      case KEEP_ALIVE -> pingDue = true;
      case PATH -> paths.onChallengeTimeout();
      case TRIM -> trim();
      case IDLE -> end(new CloseReason(Cause.IDLE, 0, "nothing heard"));
      case HANDSHAKE -> end(new CloseReason(Cause.HANDSHAKE_TIMEOUT, 0, "handshake timed out"));
      case CLOSE -> onCloseTimer();
      case PACING, FEC_REPAIR, MTU -> {}
    }
  }

  private void onLossTimer() {
    if (recovery.onTimeout(lastNs) == LossDetector.Timeout.PROBE) {
      recovery.requeueOldest();
      probeDue = true;
    }
    onMtuMaybeChanged();
  }

  private void onCloseTimer() {
    if (state.isOpen()) {
      close(0, "not delivered in time", lastNs);
    } else {
      state = ConnectionState.CLOSED;
      timers.disarmAll();
    }
  }

  private void trim() {
    boolean idle = lastNs - lastActiveNs >= TRIM_NS && recovery.sent().bytesInFlight() == 0;
    if (idle) {
      streams.trim();
      fecSender.trim();
      fecReceiver.trim();
    } else {
      timers.arm(Timer.TRIM, lastNs + TRIM_NS);
    }
  }

  private void updateTimers() {
    if (!state.isOpen()) {
      return;
    }
    timers.arm(Timer.LOSS, recovery.losses().nextTimeoutNs());
    timers.arm(Timer.ACK_DELAY, acks.isDue() ? TimerTable.NEVER : acks.deadlineNs());
    timers.arm(Timer.FEC_FLUSH, fecSender.flushAtNs());
    timers.arm(Timer.FEC_REPAIR, later(fecSender.nextDueNs()));
    timers.arm(Timer.MTU, later(mtu.nextNs()));
  }

  /** What is due already waits for window or pace, which have their own wake-ups. */
  private long later(long atNs) {
    return atNs > lastNs ? atNs : TimerTable.NEVER;
  }

  /** When {@link #onTimeout} wants to be called; {@link Long#MAX_VALUE} for never. */
  public long nextTimeoutNs() {
    return timers.nextNs();
  }

  /**
   * Builds the next packet.
   *
   * @param out room for {@link ConnectionConfig#maxDatagramBytes} at {@code off}
   * @return its length, 0 if nothing may leave now; it goes to {@link #transmitTo}
   */
  public int pollTransmit(long nowNs, byte[] out, int off) {
    clamp(nowNs);
    int bytes = outbound.poll(lastNs, out, off);
    updateTimers();
    return bytes;
  }

  /** Where the packet built last goes. */
  public PeerAddress transmitTo() {
    return outbound.to();
  }

  void onPacketLeft(long number, int bytes, boolean inFlight, long nowNs) {
    trace.onPacketSent(number, bytes, inFlight, nowNs);
    if (inFlight) {
      lastActiveNs = nowNs;
      timers.armIfUnarmed(Timer.TRIM, nowNs + TRIM_NS);
      if (config.keepAliveNs() > 0 && state == ConnectionState.ESTABLISHED) {
        timers.arm(Timer.KEEP_ALIVE, nowNs + config.keepAliveNs());
      }
    }
  }

  /** Opens a stream, or returns null before the handshake or while the peer allows no more. */
  public QuantumStream openStream() {
    return state == ConnectionState.ESTABLISHED ? streams.open() : null;
  }

  /** A live stream, or null. */
  public QuantumStream stream(long id) {
    return streams.get(id);
  }

  /** Tells what happened since the last call. */
  public void deliverEvents(ConnectionListener listener) {
    if (tellEstablished) {
      tellEstablished = false;
      listener.onEstablished();
    }
    if (state != ConnectionState.ACCEPTING) {
      streams.deliver(listener);
    }
    if (ending.takeUntold()) {
      listener.onClosed(ending.reason());
    }
  }

  /**
   * Closes at once: what is not delivered is lost.
   *
   * @param errorCode 0, or a code of the user's from {@link TransportError#APPLICATION_MIN} on
   * @param text for humans; cut at 256 bytes
   */
  public void close(long errorCode, String text, long nowNs) {
    clamp(nowNs);
    if (!state.isOpen()) {
      return;
    }
    state = state.onLocalClose();
    ending.setCloseDue();
    over(new CloseReason(Cause.LOCAL, errorCode, text));
  }

  /** Closes once the peer has all that was written, or when {@code lingerNs} have passed. */
  public void closeWhenDelivered(long lingerNs, long nowNs) {
    clamp(nowNs);
    if (state.isOpen() && !ending.isWhenDelivered()) {
      ending.setWhenDelivered();
      timers.arm(Timer.CLOSE, lastNs + lingerNs);
      finishIfDelivered();
    }
  }

  private void finishIfDelivered() {
    if (ending.isWhenDelivered() && state.isOpen() && !streams.hasUnacked()) {
      close(0, "", lastNs);
    }
  }

  void onPeerClose(long errorCode, String text, long nowNs) {
    boolean news = state.isOpen();
    state = state.onPeerClose();
    if (news) {
      over(new CloseReason(Cause.PEER, errorCode, text));
    }
  }

  /** Streams move no more; only late packets are answered for a while. */
  private void over(CloseReason reason) {
    ending.begin(reason);
    timers.disarmAll();
    timers.arm(Timer.CLOSE, lastNs + CLOSE_TIMEOUTS * recovery.losses().probeTimeoutNs());
  }

  /** Ends without a word to the peer. */
  void end(CloseReason reason) {
    if (state.isOpen()) {
      ending.begin(reason);
    }
    state = ConnectionState.CLOSED;
    timers.disarmAll();
  }

  void onPeerParams(
      long maxData,
      long maxStreamData,
      long maxStreams,
      long maxAckDelayMicros,
      long idleTimeoutMillis,
      long maxDatagramBytes) {
    int datagramBytes = (int) Math.min(maxDatagramBytes, config.maxDatagramBytes());
    if (!handshake.onPeerParams(maxAckDelayMicros, datagramBytes)) {
      return;
    }
    if (idleTimeoutMillis > 0) {
      long idleMillis = Math.min(idleTimeoutMillis, idleTimeoutNs / 1_000_000);
      idleTimeoutNs = idleMillis * 1_000_000;
    }
    recovery.losses().setMaxAckDelayNs(maxAckDelayMicros * 1000);
    streams.onPeerParameters(maxData, maxStreamData, maxStreams);
    if (client) {
      establish();
    } else {
      handshake.setParamsDue();
    }
  }

  private void establish() {
    state = state.onEstablished();
    tellEstablished = true;
    timers.disarm(Timer.HANDSHAKE);
    timers.arm(Timer.IDLE, lastNs + idleTimeoutNs);
    mtu.start(handshake.datagramBytes(), lastNs);
  }

  void onPathChallenge(long data, PeerAddress from) {
    if (!handshake.takesChallenge(data)) {
      paths.onChallenge(data, from);
    }
  }

  void onPathResponse(long data, long nowNs) {
    if (state == ConnectionState.ACCEPTING && data == paths.handshakeChallenge()) {
      paths.validate();
      establish();
    } else if (state == ConnectionState.ESTABLISHED && paths.onResponse(data)) {
      timers.disarm(Timer.PATH);
      recovery.onNewPath(freshCongestion(), nowNs);
      outbound.resetPacing();
      mtu.start(handshake.datagramBytes(), nowNs);
      fecSender.dropAll();
    }
  }

  void onChallengeSent(long nowNs) {
    long waitNs = Math.min(2 * recovery.losses().probeTimeoutNs(), CHALLENGE_NS_MAX);
    timers.arm(Timer.PATH, nowNs + waitNs);
  }

  boolean isPingDue() {
    return pingDue;
  }

  boolean takePingDue() {
    boolean due = pingDue;
    pingDue = false;
    return due;
  }

  boolean takeProbeDue() {
    boolean due = probeDue;
    probeDue = false;
    return due;
  }

  /** Where the frames of acked and lost packets go. */
  private final class Outcome implements Recovery.FrameOutcome {
    private final SentFrames.Visitor acked = this::onAcked;
    private final SentFrames.Visitor lost = this::onLost;

    @Override
    public SentFrames.Visitor acked() {
      return acked;
    }

    @Override
    public SentFrames.Visitor lost() {
      return lost;
    }

    private void onAcked(SentKind kind, QuantumStream stream, long offset, int length) {
      if (kind == SentKind.PATH_RESPONSE) {
        handshake.onResponseAcked();
      }
      streams.onAcked(kind, stream, offset, length);
    }

    private void onLost(SentKind kind, QuantumStream stream, long offset, int length) {
      if (kind == SentKind.PARAMS && state != ConnectionState.ESTABLISHED) {
        handshake.setParamsDue();
      }
      pingDue |= kind == SentKind.PATH_RESPONSE && handshake.owesResponse();
      streams.onLost(kind, stream, offset, length);
    }
  }

  private void clamp(long nowNs) {
    lastNs = Math.max(lastNs, nowNs);
  }

  public Guuid guuid() {
    return guuid;
  }

  public boolean isClient() {
    return client;
  }

  public ConnectionState state() {
    return state;
  }

  /** Why it closed, null while it is open. */
  public CloseReason closeReason() {
    return ending.reason();
  }

  public ConnectionConfig config() {
    return config;
  }

  public PeerAddress peerAddress() {
    return paths.active();
  }

  /** Smoothed round trip, 333 ms before the first sample. */
  public long smoothedRttNs() {
    return recovery.rtt().smoothedNs();
  }

  public long bytesInFlight() {
    return recovery.sent().bytesInFlight();
  }

  public long congestionWindowBytes() {
    return recovery.congestion().congestionWindowBytes();
  }

  /** Largest datagram that the path is known to carry. */
  public int datagramBytes() {
    return mtu.currentBytes();
  }

  /** Whatever the owner wants to find again. */
  public Object attachment() {
    return attachment;
  }

  public void attach(Object attachment) {
    this.attachment = attachment;
  }
}
