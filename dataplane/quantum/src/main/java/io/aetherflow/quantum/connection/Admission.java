package io.aetherflow.quantum.connection;

import io.aetherflow.quantum.frame.FrameIgnorer;
import io.aetherflow.quantum.frame.FrameReader;

/**
 * Looks through a packet before it counts as received: whether everything in it may be kept. What
 * is not counted as received is not acknowledged, so its sender sends it again. Not thread-safe.
 */
final class Admission extends FrameIgnorer {
  private final Connection connection;
  private final FrameReader reader = new FrameReader();
  private boolean proved;
  private boolean early;
  private boolean nextOnly;
  private int newPages;

  Admission(Connection connection) {
    this.connection = connection;
  }

  /**
   * Whether nothing in it speaks of streams before the peer's address is proved. A client proves it
   * in every packet until it knows that we know, so only packets whose room was short are early.
   */
  boolean isProved(byte[] buf, int off, int length) {
    scan(buf, off, length);
    return !early;
  }

  /** Whether there are buffers for all of it. */
  boolean hasRoom(byte[] buf, int off, int length) {
    if (connection.streams.hasRoomForPacket()) {
      return true;
    }
    scan(buf, off, length);
    return connection.streams.hasRoom(newPages, nextOnly);
  }

  private void scan(byte[] buf, int off, int length) {
    proved = connection.state() != ConnectionState.ACCEPTING;
    early = false;
    nextOnly = true;
    newPages = 0;
    reader.read(buf, off, length, this);
  }

  @Override
  public void onStream(long id, long offset, boolean fin, byte[] buf, int off, int length) {
    early |= !proved;
    int pages = connection.streams.newPages(id, offset, length);
    newPages += pages;
    nextOnly &= pages == 0 || connection.streams.isNext(id, offset);
  }

  @Override
  public void onReset(long id, long errorCode, long finalSize) {
    early |= !proved;
    newPages += connection.streams.newPages(id, 0, 0);
  }

  @Override
  public void onStop(long id, long errorCode) {
    early |= !proved;
    newPages += connection.streams.newPages(id, 0, 0);
  }

  @Override
  public void onMaxStreamData(long id, long limit) {
    early |= !proved;
    newPages += connection.streams.newPages(id, 0, 0);
  }

  @Override
  public void onPathResponse(long data) {
    proved |= data == connection.paths.handshakeChallenge();
  }
}
