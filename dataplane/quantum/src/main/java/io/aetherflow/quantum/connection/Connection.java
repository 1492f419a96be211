package io.aetherflow.quantum.connection;

import io.aetherflow.quantum.PeerAddress;
import io.aetherflow.quantum.TransportError;
import io.aetherflow.quantum.TransportTuning;
import io.aetherflow.quantum.congestion.CongestionController;
import io.aetherflow.quantum.connection.CloseReason.Cause;
import io.aetherflow.quantum.fec.FecPolicy;
import io.aetherflow.quantum.packet.Crc32cProtection;
import io.aetherflow.quantum.packet.Guuid;
import io.aetherflow.quantum.packet.PacketProtection;
import io.aetherflow.quantum.recovery.LossDetector;
import io.aetherflow.quantum.stream.QuantumStream;
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
  final TimerTable timers = new TimerTable();
  final Streams streams;
  final Acknowledger acks;
  final Recovery recovery;
  final Paths paths;
  final PathMtu mtu = new PathMtu();
  final FecSender fecSender;
  final FecReceiver fecReceiver;
  final ConnectionTrace trace;
  final Handshake handshake;
  final Ending ending = new Ending();
  final Lifecycle lifecycle;

  private final ConnectionConfig config;
  private final boolean client;
  private final Guuid guuid;
  private final Arrivals arrivals;
  private final Outbound outbound;
  private final Trimming trimming;
  private TransportTuning tuning;
  private boolean pingDue;
  private boolean probeDue;
  private long lastNs;
  private Object attachment;

  /** A client's connection; its first packet is ready to be polled. */
  public static Connection connect(
      ConnectionConfig config,
      SharedBuffers buffers,
      Guuid guuid,
      PeerAddress server,
      RandomGenerator random,
      ConnectionTrace trace,
      long nowNs) {
    Paths paths = new Paths(server, true, random);
    return new Connection(config, buffers, true, guuid, paths, trace, nowNs);
  }

  /**
   * A server's connection for a SYN, which must be given to {@link #onDatagram} next.
   *
   * @param validated whether a token has proved the client's address
   */
  public static Connection accept(
      ConnectionConfig config,
      SharedBuffers buffers,
      Guuid guuid,
      PeerAddress client,
      boolean validated,
      RandomGenerator random,
      ConnectionTrace trace,
      long nowNs) {
    Paths paths = new Paths(client, validated, random);
    paths.drawHandshakeChallenge();
    return new Connection(config, buffers, false, guuid, paths, trace, nowNs);
  }

  private Connection(
      ConnectionConfig config,
      SharedBuffers buffers,
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
    handshake = new Handshake(client);
    streams = new Streams(client, config.streams(), buffers.pages());
    fecReceiver = new FecReceiver(buffers);
    FrameOutcomes outcomes = new FrameOutcomes(this);
    long maxAckDelayNs = config.times().maxAckDelayNs();
    recovery = new Recovery(freshCongestion(), mtu, maxAckDelayNs, outcomes, trace);
    acks = new Acknowledger(maxAckDelayNs, recovery.rtt());
    fecSender = new FecSender(config.kernel(), fecPolicy(), tuning.groupSize(), flushNs());
    lastNs = nowNs;
    trimming = new Trimming(this, nowNs);
    PacketProtection protection = new Crc32cProtection();
    arrivals = new Arrivals(this, protection);
    outbound = new Outbound(this, protection);
    lifecycle = new Lifecycle(this, client, nowNs);
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
    arrivals.onDatagram(from, buf, off, length, lastNs);
    updateTimers();
  }

  void onPacketArrived(long number, int bytes, long nowNs) {
    trace.onPacketReceived(number, bytes, nowNs);
    trimming.onActive(nowNs);
    lifecycle.onAlive(nowNs);
  }

  void onMtuMaybeChanged() {
    int bytes = recovery.takeMtuChange();
    if (bytes != 0) {
      fecSender.dropAll();
      trace.onMtuChanged(bytes, lastNs);
    }
  }

  /** Another address of the peer's is in use: nothing that the old path has shown holds. */
  void onNewPath(long nowNs) {
    recovery.onNewPath(freshCongestion(), nowNs);
    outbound.resetPacing();
    mtu.start(handshake.datagramBytes(), nowNs);
    fecSender.dropAll();
    trace.onPathChanged(paths.active(), nowNs);
    trace.onMtuChanged(mtu.currentBytes(), nowNs);
  }

  /** Call when {@link #nextTimeoutNs} has come; early calls do no harm. */
  public void onTimeout(long nowNs) {
    clamp(nowNs);
    for (Timer due = timers.pollDue(lastNs); due != null; due = timers.pollDue(lastNs)) {
      onTimer(due);
      if (state() == ConnectionState.CLOSED) {
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
      case TRIM -> trimming.onTimer(lastNs);
      case IDLE -> lifecycle.end(new CloseReason(Cause.IDLE, 0, "nothing heard"));
      case HANDSHAKE ->
          lifecycle.end(new CloseReason(Cause.HANDSHAKE_TIMEOUT, 0, "handshake timed out"));
      case CLOSE -> lifecycle.onCloseTimer(lastNs);
      case PACING, FEC_REPAIR, MTU -> {}
    }
  }

  private void onLossTimer() {
    if (recovery.onTimeout(lastNs) == LossDetector.Timeout.PROBE) {
      recovery.requeue();
      probeDue = true;
    }
    onMtuMaybeChanged();
  }

  private void updateTimers() {
    if (!state().isOpen()) {
      return;
    }
    if (streams.isHeldBack()) {
      trimming.lookLater(lastNs);
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
      trimming.onActive(nowNs);
      long keepAliveNs = config.times().keepAliveNs();
      if (keepAliveNs > 0 && state() == ConnectionState.ESTABLISHED) {
        timers.arm(Timer.KEEP_ALIVE, nowNs + keepAliveNs);
      }
    }
  }

  /** Opens a stream, or returns null before the handshake or while the peer allows no more. */
  public QuantumStream openStream() {
    return state() == ConnectionState.ESTABLISHED ? streams.open() : null;
  }

  /** A live stream, or null. */
  public QuantumStream stream(long id) {
    return streams.get(id);
  }

  /** Tells what happened since the last call. */
  public void deliverEvents(ConnectionListener listener) {
    lifecycle.deliver(listener);
  }

  /**
   * Closes at once: what is not delivered is lost.
   *
   * @param errorCode 0, or a code of the user's from {@link TransportError#APPLICATION_MIN} on
   * @param text for humans; cut at 256 bytes
   */
  public void close(long errorCode, String text, long nowNs) {
    clamp(nowNs);
    lifecycle.close(errorCode, text, lastNs);
  }

  /** Closes once the peer has all that was written, or when {@code lingerNs} have passed. */
  public void closeWhenDelivered(long lingerNs, long nowNs) {
    clamp(nowNs);
    lifecycle.closeWhenDelivered(lingerNs, lastNs);
  }

  /** Whether any packet was taken so far. */
  public boolean hasHeard() {
    return acks.hasReceived();
  }

  /** Ends before anything was taken: whoever follows it must not wait for more. */
  public void refuse() {
    lifecycle.end(new CloseReason(CloseReason.Cause.REFUSED, 0, "the first packet was not taken"));
    release();
  }

  /** Gives all memory back; its endpoint has forgotten it. */
  public void release() {
    streams.release();
    fecReceiver.trim();
  }

  void setPingDue() {
    pingDue = true;
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

  private void clamp(long nowNs) {
    lastNs = Math.max(lastNs, nowNs);
  }

  /** The latest time that the owner told. */
  long nowNs() {
    return lastNs;
  }

  public Guuid guuid() {
    return guuid;
  }

  public boolean isClient() {
    return client;
  }

  public ConnectionState state() {
    return lifecycle.state();
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
