package io.aetherflow.quantum.stream;

import io.aetherflow.quantum.frame.FrameWriter;

/**
 * What a stream sends: content, its end or a RESET, and what of it must be sent again. Not
 * thread-safe.
 */
final class SendHalf {
  private final QuantumStream stream;
  private final Streams owner;
  private final SendBuffer buffer;
  private SendState state = SendState.OPEN;
  private long limit;
  private long resetCode;
  private boolean resetPending;
  private boolean wantsWritable;

  /**
   * @param limit the peer's, for this stream
   */
  SendHalf(QuantumStream stream, Streams owner, int bufferBytes, long limit) {
    this.stream = stream;
    this.owner = owner;
    this.limit = limit;
    buffer = new SendBuffer(bufferBytes, owner.share());
  }

  SendState state() {
    return state;
  }

  int write(byte[] src, int off, int length) {
    if (state == SendState.FINISHED) {
      throw new IllegalStateException("stream " + stream.id() + " is finished");
    }
    if (state != SendState.OPEN) {
      return length;
    }
    int taken = buffer.write(src, off, length);
    if (taken < length) {
      wantWritable();
    }
    owner.onChanged(stream);
    return taken;
  }

  int writableBytes() {
    return state == SendState.OPEN ? buffer.freeBytes() : 0;
  }

  void wantWritable() {
    wantsWritable = true;
    if (buffer.isStarved()) {
      owner.onStarved(stream);
    }
  }

  void tellWritable() {
    if (wantsWritable) {
      wantsWritable = false;
      owner.event(stream, QuantumStream.WRITABLE);
    }
  }

  long unackedBytes() {
    return buffer.unackedBytes();
  }

  void finish() {
    if (state == SendState.OPEN) {
      state = state.onFinish();
      buffer.finish();
      owner.onChanged(stream);
    }
  }

  void reset(long errorCode) {
    SendState after = state.onReset();
    if (after != state) {
      state = after;
      resetCode = errorCode;
      resetPending = true;
      buffer.discard();
      owner.onChanged(stream);
    }
  }

  /** Answers the peer's STOP with a RESET; false if nothing was being sent any more. */
  boolean onStop(long errorCode) {
    boolean sending = state == SendState.OPEN || state == SendState.FINISHED;
    if (sending) {
      reset(errorCode);
    }
    return sending;
  }

  void onLimit(long limit) {
    if (limit > this.limit) {
      this.limit = limit;
      owner.onChanged(stream);
    }
  }

  boolean needsUrgent() {
    return resetPending || buffer.hasLost() || buffer.needsFinOnly();
  }

  /** Bytes never sent that the peer's limit for this stream allows. */
  long newBytes() {
    return buffer.newBytes(limit);
  }

  /** What waits to be sent; a writer that waits for room has more, nobody knows how much. */
  long backlogBytes() {
    return wantsWritable ? Long.MAX_VALUE : newBytes();
  }

  /** Writes a RESET that is due; false if the packet is full. */
  boolean writeReset(FrameWriter writer, FrameLog log) {
    if (resetPending) {
      if (!writer.reset(stream.id(), resetCode, buffer.sentEnd())) {
        return false;
      }
      resetPending = false;
      log.record(SentKind.RESET, stream, 0, 0);
    }
    return true;
  }

  /** Writes lost data, and the end if it is all that is left; false if the packet is full. */
  boolean writeLost(FrameWriter writer, FrameLog log) {
    while (buffer.hasLost()) {
      if (writeChunk(writer, log, buffer.lostOffset(), buffer.lostBytes()) == 0) {
        return false;
      }
      owner.onRetransmitted();
    }
    return !buffer.needsFinOnly() || writeFin(writer, log);
  }

  private boolean writeFin(FrameWriter writer, FrameLog log) {
    long end = buffer.sentEnd();
    if (writer.streamWithoutData(stream.id(), end, true, 0) < 0) {
      return false;
    }
    buffer.onSent(end, 0, true);
    log.record(SentKind.STREAM_FIN, stream, end, 0);
    return true;
  }

  /** Writes new data as long as the packet and {@code credit} allow; returns bytes written. */
  int writeFresh(FrameWriter writer, FrameLog log, long credit) {
    int total = 0;
    long left = Math.min(newBytes(), credit);
    while (left > 0) {
      int wrote = writeChunk(writer, log, buffer.sentEnd(), left);
      if (wrote == 0) {
        break;
      }
      total += wrote;
      left -= wrote;
    }
    return total;
  }

  private int writeChunk(FrameWriter writer, FrameLog log, long offset, long available) {
    long id = stream.id();
    int room = writer.room();
    int max = room - FrameWriter.streamOverheadBytes(id, offset, room);
    if (max < 1) {
      return 0;
    }
    int length = (int) Math.min(available, max);
    boolean fin = buffer.endsAt(offset + length);
    int at = writer.streamWithoutData(id, offset, fin, length);
    buffer.copy(offset, writer.array(), at, length);
    buffer.onSent(offset, length, fin);
    log.record(fin ? SentKind.STREAM_FIN : SentKind.STREAM, stream, offset, length);
    return length;
  }

  void onDataAcked(boolean fin, long offset, int length) {
    if (state != SendState.OPEN && state != SendState.FINISHED) {
      return;
    }
    buffer.onAcked(offset, length, fin);
    if (buffer.isDelivered()) {
      state = state.onDelivered();
      owner.onHalfDone(stream);
    } else if (buffer.freeBytes() >= buffer.capacityBytes() / 4) {
      tellWritable();
    } else if (wantsWritable && buffer.isStarved()) {
      owner.onStarved(stream);
    }
    owner.onSendRoom();
  }

  void onResetAcked() {
    if (state == SendState.RESET) {
      state = state.onDelivered();
      owner.onHalfDone(stream);
    }
  }

  void onDataLost(boolean fin, long offset, int length) {
    if (state == SendState.OPEN || state == SendState.FINISHED) {
      buffer.onLost(offset, length, fin);
    }
  }

  void onResetLost() {
    resetPending = state == SendState.RESET;
  }

  /** Drops all content: nothing more is sent. */
  void discard() {
    buffer.discard();
  }

  void trim() {
    buffer.trim();
  }
}
