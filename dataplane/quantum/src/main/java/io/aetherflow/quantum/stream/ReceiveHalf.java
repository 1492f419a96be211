package io.aetherflow.quantum.stream;

import io.aetherflow.quantum.TransportError;
import io.aetherflow.quantum.frame.FrameWriter;

/**
 * What a stream receives: content in order, its end or the peer's RESET, and what it grants the
 * peer. Not thread-safe.
 */
final class ReceiveHalf {
  private final QuantumStream stream;
  private final Streams owner;
  private final ReceiveBuffer buffer;
  private ReceiveState state = ReceiveState.OPEN;
  private long stopCode;
  private boolean stopPending;
  private boolean grantPending;

  ReceiveHalf(QuantumStream stream, Streams owner, int windowBytes) {
    this.stream = stream;
    this.owner = owner;
    buffer = new ReceiveBuffer(windowBytes, owner.share());
  }

  ReceiveState state() {
    return state;
  }

  int read(byte[] dst, int off, int length) {
    if (state != ReceiveState.OPEN) {
      return 0;
    }
    int count = buffer.read(dst, off, length);
    if (count > 0) {
      owner.onConsumed(count);
    }
    if (buffer.isFinished()) {
      end();
    } else {
      grantIfWorth();
    }
    return count;
  }

  int readableBytes() {
    return state == ReceiveState.OPEN ? buffer.readableBytes() : 0;
  }

  boolean isFinished() {
    return state != ReceiveState.OPEN || buffer.isFinished();
  }

  void stop(long errorCode) {
    if (state == ReceiveState.OPEN) {
      state = state.onStop();
      stopCode = errorCode;
      stopPending = true;
      discardReceived();
      owner.onChanged(stream);
    }
  }

  private void end() {
    state = state.onEnd();
    owner.onHalfDone(stream);
  }

  private void grantIfWorth() {
    if (buffer.wantsGrant() && !grantPending) {
      grantPending = true;
      owner.onChanged(stream);
    }
  }

  /** Pages that a frame's content would add. */
  int newPages(long offset, int length) {
    return state == ReceiveState.OPEN ? buffer.newPages(offset, length) : 0;
  }

  /** Whether a frame's content could be read at once. */
  boolean isNext(long offset) {
    return buffer.isNext(offset);
  }

  private void discardReceived() {
    long before = buffer.readOffset();
    buffer.discard();
    owner.onConsumed(buffer.readOffset() - before);
    if (buffer.hasFinalSize()) {
      end();
    }
  }

  TransportError onData(long offset, boolean fin, byte[] buf, int off, int length) {
    if (state == ReceiveState.DONE) {
      return TransportError.NONE;
    }
    long highest = buffer.highest();
    int readable = buffer.readableBytes();
    TransportError error = error(buffer.onData(offset, fin, buf, off, length));
    if (error == TransportError.NONE && !owner.onReceived(buffer.highest() - highest)) {
      error = TransportError.FLOW_CONTROL;
    }
    if (error != TransportError.NONE) {
      return error;
    }
    if (state == ReceiveState.STOPPED) {
      discardReceived();
    } else if (buffer.readableBytes() > readable || buffer.isFinished()) {
      owner.event(stream, QuantumStream.READABLE);
    }
    return error;
  }

  TransportError onReset(long errorCode, long finalSize) {
    if (state == ReceiveState.DONE) {
      return TransportError.NONE;
    }
    long highest = buffer.highest();
    long read = buffer.readOffset();
    TransportError error = error(buffer.onReset(finalSize));
    if (error == TransportError.NONE && !owner.onReceived(buffer.highest() - highest)) {
      error = TransportError.FLOW_CONTROL;
    }
    if (error == TransportError.NONE) {
      owner.onConsumed(buffer.readOffset() - read);
      if (state == ReceiveState.OPEN) {
        stream.onPeerError(errorCode, QuantumStream.RESET);
      }
      end();
    }
    return error;
  }

  private static TransportError error(ReceiveBuffer.Verdict verdict) {
    return switch (verdict) {
      case ACCEPTED -> TransportError.NONE;
      case FLOW_CONTROL -> TransportError.FLOW_CONTROL;
      case FINAL_SIZE -> TransportError.FINAL_SIZE;
    };
  }

  boolean needsUrgent() {
    return stopPending || needsGrant();
  }

  private boolean needsGrant() {
    return grantPending && state == ReceiveState.OPEN && !buffer.hasFinalSize();
  }

  /** Writes a STOP and a grant that are due; false if the packet is full. */
  boolean writeControl(FrameWriter writer, FrameLog log) {
    if (stopPending) {
      if (!writer.stop(stream.id(), stopCode)) {
        return false;
      }
      stopPending = false;
      log.record(SentKind.STOP, stream, 0, 0);
    }
    return writeGrant(writer, log);
  }

  private boolean writeGrant(FrameWriter writer, FrameLog log) {
    if (!needsGrant()) {
      grantPending = false;
      return true;
    }
    if (!writer.maxStreamData(stream.id(), buffer.grant())) {
      return false;
    }
    grantPending = false;
    log.record(SentKind.MAX_STREAM_DATA, stream, 0, 0);
    return true;
  }

  void onStopLost() {
    stopPending = state == ReceiveState.STOPPED;
  }

  void onGrantLost() {
    grantPending = state == ReceiveState.OPEN;
  }

  /** Drops all content: nothing more is read. */
  void discard() {
    buffer.discard();
  }

  void trim() {
    buffer.trim();
  }
}
