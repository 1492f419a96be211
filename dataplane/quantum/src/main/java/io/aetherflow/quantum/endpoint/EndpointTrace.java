package io.aetherflow.quantum.endpoint;

import io.aetherflow.quantum.connection.ConnectionTrace;
import io.aetherflow.quantum.connection.DropReason;
import io.aetherflow.quantum.packet.Guuid;

/**
 * Follows an endpoint: what it does with strangers, and who follows its connections. Called from
 * the packet path: implementations return quickly, and allocate per connection only. Times are
 * nanoseconds of the endpoint's clock.
 */
public interface EndpointTrace {
  /** Ignores everything. */
  EndpointTrace NONE = new EndpointTrace() {};

  /** What an endpoint says to whom it has no connection with. */
  enum Answer {
    /** The connection is unknown. */
    RST,
    /** Come again with this token. */
    RETRY,
    /** Speak this version. */
    VERSION
  }

  /** A connection was made; the answer follows it. */
  default ConnectionTrace onConnection(Guuid guuid, boolean client, long nowNs) {
    return ConnectionTrace.NONE;
  }

  /** A datagram was not taken, and no connection knows of it. */
  default void onDropped(DropReason reason, int bytes, long nowNs) {}

  /** A stranger is answered. */
  default void onAnswered(Answer answer, long nowNs) {}

  /** Tells both everything. */
  static EndpointTrace both(EndpointTrace first, EndpointTrace second) {
    return new EndpointTrace() {
      @Override
      public ConnectionTrace onConnection(Guuid guuid, boolean client, long nowNs) {
        return new TracePair(
            first.onConnection(guuid, client, nowNs), second.onConnection(guuid, client, nowNs));
      }

      @Override
      public void onDropped(DropReason reason, int bytes, long nowNs) {
        first.onDropped(reason, bytes, nowNs);
        second.onDropped(reason, bytes, nowNs);
      }

      @Override
      public void onAnswered(Answer answer, long nowNs) {
        first.onAnswered(answer, nowNs);
        second.onAnswered(answer, nowNs);
      }
    };
  }

  /** Follows all connections with one trace. */
  static EndpointTrace sharing(ConnectionTrace trace) {
    return new EndpointTrace() {
      @Override
      public ConnectionTrace onConnection(Guuid guuid, boolean client, long nowNs) {
        return trace;
      }
    };
  }
}
