package io.aetherflow.quantum.connection;

import io.aetherflow.quantum.TransportError;
import io.aetherflow.quantum.frame.FrameIgnorer;
import io.aetherflow.quantum.frame.FrameReader;

/**
 * Takes from a packet that finds no buffers what helps to free some, or what a reader waits for;
 * everything here may come twice, since the packet does not count as received. Not thread-safe.
 */
final class Refused extends FrameIgnorer {
  private final Connection connection;
  private final FrameReader reader = new FrameReader();
  private TransportError error;
  private long nowNs;

  Refused(Connection connection) {
    this.connection = connection;
  }

  /** Returns what the peer did wrong, if anything. */
  TransportError read(byte[] buf, int off, int length, long nowNs) {
    this.nowNs = nowNs;
    error = TransportError.NONE;
    reader.read(buf, off, length, this);
    return error;
  }

  private void fail(TransportError cause) {
    error = error == TransportError.NONE ? cause : error;
  }

  private boolean mayHaveStreams() {
    return connection.state() == ConnectionState.ESTABLISHED;
  }

  /** Whether there is room for the streams that a frame opens. */
  private boolean mayOpen(long id) {
    var streams = connection.streams;
    return mayHaveStreams() && streams.hasRoom(streams.newPages(id, 0, 0), true);
  }

  @Override
  public void onPathResponse(long data) {
    connection.lifecycle.onPathResponse(data, nowNs);
  }

  @Override
  public void onStream(long id, long offset, boolean fin, byte[] buf, int off, int length) {
    var streams = connection.streams;
    int pages = streams.newPages(id, offset, length);
    if (mayHaveStreams() && streams.hasRoom(pages, streams.isNext(id, offset))) {
      fail(streams.onStream(id, offset, fin, buf, off, length));
    }
  }

  @Override
  public void onReset(long id, long errorCode, long finalSize) {
    if (mayOpen(id)) {
      fail(connection.streams.onReset(id, errorCode, finalSize));
    }
  }

  @Override
  public void onStop(long id, long errorCode) {
    if (mayOpen(id)) {
      fail(connection.streams.onStop(id, errorCode));
    }
  }

  @Override
  public void onMaxData(long limit) {
    connection.streams.onMaxData(limit);
  }

  @Override
  public void onMaxStreamData(long id, long limit) {
    if (mayOpen(id)) {
      fail(connection.streams.onMaxStreamData(id, limit));
    }
  }
}
