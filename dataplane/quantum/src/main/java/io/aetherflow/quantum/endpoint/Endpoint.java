package io.aetherflow.quantum.endpoint;

import io.aetherflow.quantum.PeerAddress;
import io.aetherflow.quantum.TransportTuning;
import io.aetherflow.quantum.connection.Connection;
import io.aetherflow.quantum.connection.ConnectionState;
import io.aetherflow.quantum.connection.ConnectionTrace;
import io.aetherflow.quantum.connection.DropReason;
import io.aetherflow.quantum.connection.SharedBuffers;
import io.aetherflow.quantum.endpoint.EndpointTrace.Answer;
import io.aetherflow.quantum.frame.FrameLimits;
import io.aetherflow.quantum.packet.Flags;
import io.aetherflow.quantum.packet.Guuid;
import io.aetherflow.quantum.packet.PacketReader;
import io.aetherflow.quantum.packet.PacketRefusal;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The connections of one socket, without the socket. Hands datagrams over by GUUID, so that an
 * address change finds its connection; lets clients in, in bounded number; answers strangers with
 * less than they sent. Times are nanoseconds. One thread; allocates per connection, not per packet.
 */
public final class Endpoint {
  /** RST and VERSION per second, against being used as a reflector. */
  private static final int ANSWERS_PER_SECOND = 1000;

  /**
   * RETRY per second, against being made to compute MACs all the time: a gigabit of SYNs asks for
   * as many. With fewer, a flood of SYNs would use them up before a real client. It is no reflector
   * of use, for a RETRY has a twentieth of its SYN's bytes.
   */
  private static final int RETRIES_PER_SECOND = 100_000;

  private EndpointConfig config;
  private final RandomGenerator random;
  private final ConnectionMap connections;
  private final SharedBuffers buffers;
  private final PacketReader header = new PacketReader();
  private final StatelessPackets stateless;
  private final RateLimit answers = new RateLimit(ANSWERS_PER_SECOND, ANSWERS_PER_SECOND / 10);
  private final RateLimit retries = new RateLimit(RETRIES_PER_SECOND, RETRIES_PER_SECOND / 10);
  private final List<Connection> halfOpen = new ArrayList<>();
  private EndpointTrace trace = EndpointTrace.NONE;
  private Siblings siblings = Siblings.NONE;
  private int answerBytes;
  private boolean accepting;

  /** Other endpoints of the same port, asked for a connection that is unknown here. */
  public interface Siblings {
    Siblings NONE = (high, low, from, buf, off, length) -> false;

    /** True if another endpoint has the connection and takes the datagram. */
    boolean take(long guuidHigh, long guuidLow, PeerAddress from, byte[] buf, int off, int length);
  }

  /**
   * @param random secure on a network: it draws GUUIDs, challenges and the token's key
   */
  public Endpoint(EndpointConfig config, RandomGenerator random) {
    this.config = config;
    accepting = config.accepts();
    buffers = new SharedBuffers(config.connection().buffers(), config.connection().kernel());
    this.random = random;
    connections = new ConnectionMap(random.nextLong());
    byte[] key = new byte[32];
    random.nextBytes(key);
    stateless = new StatelessPackets(new RetryTokens(key));
  }

  /** Lets no one in any more; live connections go on. */
  public void stopAccepting() {
    accepting = false;
  }

  public void setSiblings(Siblings siblings) {
    this.siblings = siblings;
  }

  /** Follows all connections made from now on. */
  public void setTrace(ConnectionTrace trace) {
    setTrace(EndpointTrace.sharing(trace));
  }

  /** Follows strangers and all connections made from now on. */
  public void setTrace(EndpointTrace trace) {
    this.trace = trace;
  }

  /** Applies a tuning to open connections and to later ones. */
  public void setTuning(TransportTuning tuning, long nowNs) {
    config = config.withTuning(tuning);
    for (Connection connection : connections.all()) {
      connection.setTuning(tuning, nowNs);
    }
  }

  /** Opens a connection, whose first packet is ready to be polled. */
  public Connection connect(PeerAddress server, long nowNs) {
    Guuid guuid = Guuid.random(random);
    Connection connection =
        Connection.connect(
            config.connection(),
            buffers,
            guuid,
            server,
            random,
            trace.onConnection(guuid, true, nowNs),
            nowNs);
    connections.add(connection);
    return connection;
  }

  /**
   * Takes a datagram.
   *
   * @param answer room for {@link FrameLimits#DATAGRAM_BYTES_MIN} bytes: an answer to a stranger is
   *     written there, {@link #answerBytes} long
   * @return the connection that took it and now wants to be driven, or null; a connection without
   *     an attachment is new
   */
  public Connection onDatagram(
      PeerAddress from, byte[] buf, int off, int length, byte[] answer, long nowNs) {
    answerBytes = 0;
    PacketRefusal refusal = header.parse(buf, off, length);
    if (refusal == PacketRefusal.UNKNOWN_VERSION) {
      onOtherVersion(buf, off, length, answer, nowNs);
      return null;
    }
    if (refusal != PacketRefusal.NONE) {
      trace.onDropped(DropReason.MALFORMED, length, nowNs);
      return null;
    }
    Connection connection = connections.get(header.guuidHigh(), header.guuidLow());
    if (connection == null && isTakenBySibling(from, buf, off, length)) {
      return null;
    }
    if (connection != null) {
      connection.onDatagram(from, buf, off, length, nowNs);
    } else if (isSyn()) {
      connection = onSyn(from, buf, off, length, answer, nowNs);
    } else {
      onStranger(buf, off, length, answer, nowNs);
    }
    return connection;
  }

  /** Length of the answer that the last {@link #onDatagram} wrote, 0 for none. */
  public int answerBytes() {
    return answerBytes;
  }

  /** Only what is intact: another thread's time is not for garbage that names a live GUUID. */
  private boolean isTakenBySibling(PeerAddress from, byte[] buf, int off, int length) {
    return siblings != Siblings.NONE
        && stateless.isIntact(header, buf, off)
        && siblings.take(header.guuidHigh(), header.guuidLow(), from, buf, off, length);
  }

  private boolean isSyn() {
    int opening = Flags.SYN | Flags.ACK | Flags.RST | Flags.RETRY | Flags.VERSION;
    return accepting && (header.flags() & opening) == Flags.SYN;
  }

  private Connection onSyn(
      PeerAddress from, byte[] buf, int off, int length, byte[] answer, long nowNs) {
    boolean full = connections.size() >= config.connectionsMax();
    if (length < FrameLimits.DATAGRAM_BYTES_MIN || full) {
      trace.onDropped(DropReason.SYN_REFUSED, length, nowNs);
      return null;
    }
    if (!stateless.isIntact(header, buf, off)) {
      trace.onDropped(DropReason.TAG, length, nowNs);
      return null;
    }
    boolean validated = stateless.hasValidToken(header, buf, off, from, nowNs);
    if (validated && buffers.budget().isFull()) {
      trace.onDropped(DropReason.SYN_REFUSED, length, nowNs);
      return null;
    }
    boolean crowded = buffers.budget().isTight() || halfOpenCount() >= config.halfOpenMax();
    if (!validated && crowded) {
      trace.onDropped(DropReason.SYN_REFUSED, length, nowNs);
      if (retries.tryTake(nowNs)) {
        answerBytes = stateless.putRetry(answer, header, from, nowNs);
        trace.onAnswered(Answer.RETRY, nowNs);
      }
      return null;
    }
    Guuid guuid = new Guuid(header.guuidHigh(), header.guuidLow());
    Connection connection =
        Connection.accept(
            config.connection(),
            buffers,
            guuid,
            from,
            validated,
            random,
            trace.onConnection(guuid, false, nowNs),
            nowNs);
    connection.onDatagram(from, buf, off, length, nowNs);
    // A SYN that is refused must leave nothing behind, or forged ones would fill the map.
    if (connection.state() != ConnectionState.ACCEPTING || !connection.hasHeard()) {
      connection.refuse();
      return null;
    }
    connections.add(connection);
    if (!validated) {
      halfOpen.add(connection);
    }
    return connection;
  }

  private int halfOpenCount() {
    if (halfOpen.size() >= config.halfOpenMax()) {
      halfOpen.removeIf(connection -> connection.state() != ConnectionState.ACCEPTING);
    }
    return halfOpen.size();
  }

  private void onOtherVersion(byte[] buf, int off, int length, byte[] answer, long nowNs) {
    boolean syn = (header.flags() & (Flags.SYN | Flags.VERSION)) == Flags.SYN;
    boolean welcome = accepting && length >= FrameLimits.DATAGRAM_BYTES_MIN;
    trace.onDropped(DropReason.VERSION, length, nowNs);
    if (syn && welcome && answers.tryTake(nowNs)) {
      answerBytes = stateless.putVersion(answer, buf, off);
      trace.onAnswered(Answer.VERSION, nowNs);
    }
  }

  /** A packet of a connection that we do not know: its sender learns it in one round trip. */
  private void onStranger(byte[] buf, int off, int length, byte[] answer, long nowNs) {
    boolean answerable = (header.flags() & (Flags.RST | Flags.RETRY | Flags.VERSION)) == 0;
    boolean intact = stateless.isIntact(header, buf, off);
    trace.onDropped(intact ? DropReason.STRANGER : DropReason.TAG, length, nowNs);
    boolean smaller = length > StatelessPackets.RST_BYTES;
    if (answerable && smaller && intact && answers.tryTake(nowNs)) {
      answerBytes = stateless.putRst(answer, header);
      trace.onAnswered(Answer.RST, nowNs);
    }
  }

  /** Forgets a connection, which its owner does once it is CLOSED. */
  public void remove(Connection connection) {
    connections.remove(connection);
    halfOpen.remove(connection);
    connection.release();
    if (connections.size() == 0) {
      buffers.clear();
    }
  }

  /** Forgets all connections, which their owner can drive no more. */
  public void close() {
    connections.all().forEach(this::remove);
  }

  /** Live connections. */
  public int connectionCount() {
    return connections.size();
  }

  /** All live connections; allocates. */
  public List<Connection> connections() {
    return connections.all();
  }
}
