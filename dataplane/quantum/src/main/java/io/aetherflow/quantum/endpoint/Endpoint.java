package io.aetherflow.quantum.endpoint;

import io.aetherflow.quantum.PeerAddress;
import io.aetherflow.quantum.connection.Connection;
import io.aetherflow.quantum.connection.ConnectionState;
import io.aetherflow.quantum.connection.ConnectionTrace;
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
  /** Answers to strangers per second, against being used as a reflector. */
  private static final int ANSWERS_PER_SECOND = 1000;

  private final EndpointConfig config;
  private final RandomGenerator random;
  private final ConnectionMap connections;
  private final PacketReader header = new PacketReader();
  private final StatelessPackets stateless;
  private final RateLimit answers = new RateLimit(ANSWERS_PER_SECOND, ANSWERS_PER_SECOND / 10);
  private final List<Connection> halfOpen = new ArrayList<>();
  private ConnectionTrace trace = ConnectionTrace.NONE;
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
    this.trace = trace;
  }

  /** Opens a connection, whose first packet is ready to be polled. */
  public Connection connect(PeerAddress server, long nowNs) {
    Guuid guuid = Guuid.random(random);
    Connection connection =
        Connection.connect(config.connection(), guuid, server, random, trace, nowNs);
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
    }
    if (refusal != PacketRefusal.NONE) {
      return null;
    }
    Connection connection = connections.get(header.guuidHigh(), header.guuidLow());
    if (connection == null
        && siblings.take(header.guuidHigh(), header.guuidLow(), from, buf, off, length)) {
      return null;
    }
    if (connection == null && isSyn()) {
      connection = onSyn(from, buf, off, length, answer, nowNs);
    } else if (connection == null) {
      onStranger(buf, off, length, answer, nowNs);
    }
    if (connection != null) {
      connection.onDatagram(from, buf, off, length, nowNs);
    }
    return connection;
  }

  /** Length of the answer that the last {@link #onDatagram} wrote, 0 for none. */
  public int answerBytes() {
    return answerBytes;
  }

  private boolean isSyn() {
    int opening = Flags.SYN | Flags.ACK | Flags.RST | Flags.RETRY | Flags.VERSION;
    return accepting && (header.flags() & opening) == Flags.SYN;
  }

  private Connection onSyn(
      PeerAddress from, byte[] buf, int off, int length, byte[] answer, long nowNs) {
    boolean full = connections.size() >= config.connectionsMax();
    if (length < FrameLimits.DATAGRAM_BYTES_MIN || full || !stateless.isIntact(header, buf, off)) {
      return null;
    }
    boolean validated = stateless.hasValidToken(header, buf, off, from, nowNs);
    if (!validated && halfOpenCount() >= config.halfOpenMax()) {
      if (answers.tryTake(nowNs)) {
        answerBytes = stateless.putRetry(answer, header, from, nowNs);
      }
      return null;
    }
    Guuid guuid = new Guuid(header.guuidHigh(), header.guuidLow());
    Connection connection =
        Connection.accept(config.connection(), guuid, from, validated, random, trace, nowNs);
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
    if (syn && welcome && answers.tryTake(nowNs)) {
      answerBytes = stateless.putVersion(answer, buf, off);
    }
  }

  /** A packet of a connection that we do not know: its sender learns it in one round trip. */
  private void onStranger(byte[] buf, int off, int length, byte[] answer, long nowNs) {
    boolean answerable = (header.flags() & (Flags.RST | Flags.RETRY | Flags.VERSION)) == 0;
    if (answerable
        && length > StatelessPackets.RST_BYTES
        && stateless.isIntact(header, buf, off)
        && answers.tryTake(nowNs)) {
      answerBytes = stateless.putRst(answer, header);
    }
  }

  /** Forgets a connection, which its owner does once it is CLOSED. */
  public void remove(Connection connection) {
    connections.remove(connection);
    halfOpen.remove(connection);
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
