package io.aetherflow.quantum.stream;

import io.aetherflow.quantum.TransportError;
import io.aetherflow.quantum.frame.FrameWriter;

/**
 * One stream of a connection: bytes in order, both ways. After any call the owner of the connection
 * must poll it for packets, since calls only note what is to be sent. Belongs to its connection's
 * thread.
 */
public final class QuantumStream {
  static final int READABLE = 1;
  static final int WRITABLE = 2;
  static final int STOPPED = 4;
  static final int RESET = 8;
  static final int OPENED = 16;
  static final int CLOSED = 32;

  private final long id;
  private final Streams owner;
  private final SendBuffer out;
  private final ReceiveBuffer in;
  private SendState sendState = SendState.OPEN;
  private ReceiveState receiveState = ReceiveState.OPEN;
  private long sendLimit;
  private long resetCode;
  private long stopCode;
  private long peerErrorCode;
  private boolean resetPending;
  private boolean stopPending;
  private boolean grantPending;
  private boolean wantsWritable;
  private Object attachment;
  boolean inUrgent;
  boolean inFresh;
  boolean inEvents;
  boolean inStarved;
  int events;

  QuantumStream(long id, Streams owner, StreamLimits limits, long sendLimit) {
    this.id = id;
    this.owner = owner;
    this.sendLimit = sendLimit;
    out = new SendBuffer(limits.sendBufferBytes(), owner.share());
    in = new ReceiveBuffer(limits.streamWindowBytes(), owner.share());
  }

  public long id() {
    return id;
  }

  /** Whatever the user wants to find again in events. */
  public Object attachment() {
    return attachment;
  }

  public void attach(Object attachment) {
    this.attachment = attachment;
  }

  /**
   * Writes as much as the send buffer takes; a short write is followed by a writable event.
   *
   * @return bytes taken, 0 to {@code length}
   * @throws IllegalStateException after {@link #finish}; after a reset everything is taken and lost
   */
  public int write(byte[] src, int off, int length) {
    if (sendState == SendState.FINISHED) {
      throw new IllegalStateException("stream " + id + " is finished");
    }
    if (sendState != SendState.OPEN) {
      return length;
    }
    int taken = out.write(src, off, length);
    if (taken < length) {
      wantWritable();
    }
    owner.onChanged(this);
    return taken;
  }

  /** Bytes that {@link #write} would take. */
  public int writableBytes() {
    return sendState == SendState.OPEN ? out.freeBytes() : 0;
  }

  /** Asks for an event when {@link #writableBytes} has grown. */
  public void wantWritable() {
    wantsWritable = true;
    if (out.isStarved()) {
      owner.onStarved(this);
    }
  }

  /** Bytes that were written and that the peer has not acknowledged. */
  public long unackedBytes() {
    return out.unackedBytes();
  }

  /** Ends the sending half after what was written; a second call, or one after a reset, is moot. */
  public void finish() {
    if (sendState == SendState.OPEN) {
      sendState = sendState.onFinish();
      out.finish();
      owner.onChanged(this);
    }
  }

  /** Gives the sending half up: what is not sent never will be. */
  public void reset(long errorCode) {
    SendState after = sendState.onReset();
    if (after != sendState) {
      sendState = after;
      resetCode = errorCode;
      resetPending = true;
      out.discard();
      owner.onChanged(this);
    }
  }

  /** Reads in order; 0 when nothing is here, or the stream is over: ask {@link #isReadFinished}. */
  public int read(byte[] dst, int off, int length) {
    if (receiveState != ReceiveState.OPEN) {
      return 0;
    }
    int count = in.read(dst, off, length);
    if (count > 0) {
      owner.onConsumed(count);
    }
    afterRead();
    return count;
  }

  public int readableBytes() {
    return receiveState == ReceiveState.OPEN ? in.readableBytes() : 0;
  }

  /** Whether nothing more will come: read to the end, stopped, or reset by the peer. */
  public boolean isReadFinished() {
    return receiveState != ReceiveState.OPEN || in.isFinished();
  }

  /** Tells the peer that nothing more is wanted; what arrives is dropped. */
  public void stop(long errorCode) {
    if (receiveState == ReceiveState.OPEN) {
      receiveState = receiveState.onStop();
      stopCode = errorCode;
      stopPending = true;
      discardReceived();
      owner.onChanged(this);
    }
  }

  public SendState sendState() {
    return sendState;
  }

  public ReceiveState receiveState() {
    return receiveState;
  }

  /** The code of the peer's RESET or STOP. */
  public long peerErrorCode() {
    return peerErrorCode;
  }

  private void afterRead() {
    if (in.isFinished()) {
      receiveState = receiveState.onEnd();
      owner.onHalfDone(this);
    } else {
      grantIfWorth();
    }
  }

  void grantIfWorth() {
    if (receiveState == ReceiveState.OPEN && in.wantsGrant() && !grantPending) {
      grantPending = true;
      owner.onChanged(this);
    }
  }

  /** Pages that a frame's content would add. */
  int newPages(long offset, int length) {
    return receiveState == ReceiveState.OPEN ? in.newPages(offset, length) : 0;
  }

  /** Whether a frame's content could be read at once. */
  boolean isNext(long offset) {
    return in.isNext(offset);
  }

  /** The connection is over: nothing more is sent. */
  void releaseSent() {
    out.discard();
  }

  /** The connection is forgotten: nothing more is read. */
  void release() {
    out.discard();
    in.discard();
  }

  private void discardReceived() {
    long before = in.readOffset();
    in.discard();
    owner.onConsumed(in.readOffset() - before);
    if (in.hasFinalSize()) {
      receiveState = receiveState.onEnd();
      owner.onHalfDone(this);
    }
  }

  TransportError onData(long offset, boolean fin, byte[] buf, int off, int length) {
    if (receiveState == ReceiveState.DONE) {
      return TransportError.NONE;
    }
    long highest = in.highest();
    int readable = in.readableBytes();
    TransportError error = error(in.onData(offset, fin, buf, off, length));
    if (error == TransportError.NONE && !owner.onReceived(in.highest() - highest)) {
      error = TransportError.FLOW_CONTROL;
    }
    if (error != TransportError.NONE) {
      return error;
    }
    if (receiveState == ReceiveState.STOPPED) {
      discardReceived();
    } else if (in.readableBytes() > readable || in.isFinished()) {
      owner.event(this, READABLE);
    }
    return error;
  }

  TransportError onReset(long errorCode, long finalSize) {
    if (receiveState == ReceiveState.DONE) {
      return TransportError.NONE;
    }
    long highest = in.highest();
    long read = in.readOffset();
    TransportError error = error(in.onReset(finalSize));
    if (error == TransportError.NONE && !owner.onReceived(in.highest() - highest)) {
      error = TransportError.FLOW_CONTROL;
    }
    if (error == TransportError.NONE) {
      owner.onConsumed(in.readOffset() - read);
      if (receiveState == ReceiveState.OPEN) {
        peerErrorCode = errorCode;
        owner.event(this, RESET);
      }
      receiveState = receiveState.onEnd();
      owner.onHalfDone(this);
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

  void onStop(long errorCode) {
    if (sendState == SendState.OPEN || sendState == SendState.FINISHED) {
      peerErrorCode = errorCode;
      reset(errorCode);
      owner.event(this, STOPPED);
    }
  }

  void onSendLimit(long limit) {
    if (limit > sendLimit) {
      sendLimit = limit;
      owner.onChanged(this);
    }
  }

  boolean needsUrgent() {
    return resetPending || stopPending || needsGrant() || out.hasLost() || out.needsFinOnly();
  }

  private boolean needsGrant() {
    return grantPending && receiveState == ReceiveState.OPEN && !in.hasFinalSize();
  }

  long newBytes() {
    return out.newBytes(sendLimit);
  }

  /** What waits to be sent; a writer that waits for room has more, nobody knows how much. */
  long backlogBytes() {
    return wantsWritable ? Long.MAX_VALUE : newBytes();
  }

  boolean isDone() {
    return sendState == SendState.DONE && receiveState == ReceiveState.DONE;
  }

  /** Writes control frames and lost data; false if the packet is full. */
  boolean writeUrgent(FrameWriter writer, FrameLog log) {
    return writeControl(writer, log) && writeLost(writer, log);
  }

  private boolean writeControl(FrameWriter writer, FrameLog log) {
    if (resetPending) {
      if (!writer.reset(id, resetCode, out.sentEnd())) {
        return false;
      }
      resetPending = false;
      log.record(SentKind.RESET, this, 0, 0);
    }
    if (stopPending) {
      if (!writer.stop(id, stopCode)) {
        return false;
      }
      stopPending = false;
      log.record(SentKind.STOP, this, 0, 0);
    }
    return writeGrant(writer, log);
  }

  private boolean writeGrant(FrameWriter writer, FrameLog log) {
    if (!needsGrant()) {
      grantPending = false;
      return true;
    }
    if (!writer.maxStreamData(id, in.grant())) {
      return false;
    }
    grantPending = false;
    log.record(SentKind.MAX_STREAM_DATA, this, 0, 0);
    return true;
  }

  private boolean writeLost(FrameWriter writer, FrameLog log) {
    while (out.hasLost()) {
      if (writeChunk(writer, log, out.lostOffset(), out.lostBytes()) == 0) {
        return false;
      }
      owner.onRetransmitted();
    }
    return !out.needsFinOnly() || writeFin(writer, log);
  }

  private boolean writeFin(FrameWriter writer, FrameLog log) {
    long end = out.sentEnd();
    if (writer.streamWithoutData(id, end, true, 0) < 0) {
      return false;
    }
    out.onSent(end, 0, true);
    log.record(SentKind.STREAM_FIN, this, end, 0);
    return true;
  }

  /** Writes new data as long as the packet and {@code credit} allow; returns bytes written. */
  int writeFresh(FrameWriter writer, FrameLog log, long credit) {
    int total = 0;
    long left = Math.min(newBytes(), credit);
    while (left > 0) {
      int wrote = writeChunk(writer, log, out.sentEnd(), left);
      if (wrote == 0) {
        break;
      }
      total += wrote;
      left -= wrote;
    }
    return total;
  }

  private int writeChunk(FrameWriter writer, FrameLog log, long offset, long available) {
    int room = writer.room();
    int max = room - FrameWriter.streamOverheadBytes(id, offset, room);
    if (max < 1) {
      return 0;
    }
    int length = (int) Math.min(available, max);
    boolean fin = out.endsAt(offset + length);
    int at = writer.streamWithoutData(id, offset, fin, length);
    out.copy(offset, writer.array(), at, length);
    out.onSent(offset, length, fin);
    log.record(fin ? SentKind.STREAM_FIN : SentKind.STREAM, this, offset, length);
    return length;
  }

  /** A frame of this stream arrived. */
  void onAcked(SentKind kind, long offset, int length) {
    switch (kind) {
      case STREAM, STREAM_FIN -> onDataAcked(kind == SentKind.STREAM_FIN, offset, length);
      case RESET -> {
        if (sendState == SendState.RESET) {
          sendState = sendState.onDelivered();
          owner.onHalfDone(this);
        }
      }
      case STOP, MAX_STREAM_DATA -> {}
      case MAX_DATA, MAX_STREAMS, PARAMS, PATH_RESPONSE, MTU_PROBE, PING ->
          throw new IllegalArgumentException(kind + " is no stream's");
    }
  }

  private void onDataAcked(boolean fin, long offset, int length) {
    if (sendState != SendState.OPEN && sendState != SendState.FINISHED) {
      return;
    }
    out.onAcked(offset, length, fin);
    if (out.isDelivered()) {
      sendState = sendState.onDelivered();
      owner.onHalfDone(this);
    } else if (out.freeBytes() >= out.capacityBytes() / 4) {
      tellWritable();
    } else if (wantsWritable && out.isStarved()) {
      owner.onStarved(this);
    }
    owner.onSendRoom();
  }

  void tellWritable() {
    if (wantsWritable) {
      wantsWritable = false;
      owner.event(this, WRITABLE);
    }
  }

  /** A frame of this stream has to be sent again. */
  void onLost(SentKind kind, long offset, int length) {
    switch (kind) {
      case STREAM, STREAM_FIN -> {
        if (sendState == SendState.OPEN || sendState == SendState.FINISHED) {
          out.onLost(offset, length, kind == SentKind.STREAM_FIN);
        }
      }
      case RESET -> resetPending = sendState == SendState.RESET;
      case STOP -> stopPending = receiveState == ReceiveState.STOPPED;
      case MAX_STREAM_DATA -> grantPending = receiveState == ReceiveState.OPEN;
      case MAX_DATA, MAX_STREAMS, PARAMS, PATH_RESPONSE, MTU_PROBE, PING ->
          throw new IllegalArgumentException(kind + " is no stream's");
    }
    owner.onChanged(this);
  }

  void trim() {
    out.trim();
    in.trim();
  }

  @Override
  public String toString() {
    return "stream " + id + " " + sendState + "/" + receiveState;
  }
}
