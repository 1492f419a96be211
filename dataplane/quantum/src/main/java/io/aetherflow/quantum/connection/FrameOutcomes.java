package io.aetherflow.quantum.connection;

import io.aetherflow.quantum.stream.QuantumStream;
import io.aetherflow.quantum.stream.SentKind;

/** Where the frames of acked and lost packets go. Not thread-safe. */
final class FrameOutcomes implements Recovery.FrameOutcome {
  private final Connection connection;
  private final SentFrames.Visitor acked = this::onAcked;
  private final SentFrames.Visitor lost = this::onLost;

  FrameOutcomes(Connection connection) {
    this.connection = connection;
  }

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
      connection.handshake.onResponseAcked();
    }
    connection.streams.onAcked(kind, stream, offset, length);
  }

  private void onLost(SentKind kind, QuantumStream stream, long offset, int length) {
    if (kind == SentKind.PARAMS && connection.state() != ConnectionState.ESTABLISHED) {
      connection.handshake.setParamsDue();
    }
    if (kind == SentKind.PATH_RESPONSE && connection.handshake.owesResponse()) {
      connection.setPingDue();
    }
    connection.streams.onLost(kind, stream, offset, length);
  }
}
