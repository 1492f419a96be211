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
  private final SendHalf sending;
  private final ReceiveHalf receiving;
  private long peerErrorCode;
  private Object attachment;
  boolean inUrgent;
  boolean inFresh;
  boolean inEvents;
  boolean inStarved;
  int events;

  QuantumStream(long id, Streams owner, StreamLimits limits, long sendLimit) {
    this.id = id;
    this.owner = owner;
    sending = new SendHalf(this, owner, limits.sendBufferBytes(), sendLimit);
    receiving = new ReceiveHalf(this, owner, limits.streamWindowBytes());
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
    return sending.write(src, off, length);
  }

  /** Bytes that {@link #write} would take. */
  public int writableBytes() {
    return sending.writableBytes();
  }

  /** Asks for an event when {@link #writableBytes} has grown. */
  public void wantWritable() {
    sending.wantWritable();
  }

  /** Bytes that were written and that the peer has not acknowledged. */
  public long unackedBytes() {
    return sending.unackedBytes();
  }

  /** Ends the sending half after what was written; a second call, or one after a reset, is moot. */
  public void finish() {
    sending.finish();
  }

  /** Gives the sending half up: what is not sent never will be. */
  public void reset(long errorCode) {
    sending.reset(errorCode);
  }

  /** Reads in order; 0 when nothing is here, or the stream is over: ask {@link #isReadFinished}. */
  public int read(byte[] dst, int off, int length) {
    return receiving.read(dst, off, length);
  }

  public int readableBytes() {
    return receiving.readableBytes();
  }

  /** Whether nothing more will come: read to the end, stopped, or reset by the peer. */
  public boolean isReadFinished() {
    return receiving.isFinished();
  }

  /** Tells the peer that nothing more is wanted; what arrives is dropped. */
  public void stop(long errorCode) {
    receiving.stop(errorCode);
  }

  public SendState sendState() {
    return sending.state();
  }

  public ReceiveState receiveState() {
    return receiving.state();
  }

  /** The code of the peer's RESET or STOP. */
  public long peerErrorCode() {
    return peerErrorCode;
  }

  /** The peer gave up or wants no more. */
  void onPeerError(long errorCode, int event) {
    peerErrorCode = errorCode;
    owner.event(this, event);
  }

  int newPages(long offset, int length) {
    return receiving.newPages(offset, length);
  }

  boolean isNext(long offset) {
    return receiving.isNext(offset);
  }

  TransportError onData(long offset, boolean fin, byte[] buf, int off, int length) {
    return receiving.onData(offset, fin, buf, off, length);
  }

  TransportError onReset(long errorCode, long finalSize) {
    return receiving.onReset(errorCode, finalSize);
  }

  void onStop(long errorCode) {
    if (sending.onStop(errorCode)) {
      onPeerError(errorCode, STOPPED);
    }
  }

  void onSendLimit(long limit) {
    sending.onLimit(limit);
  }

  void tellWritable() {
    sending.tellWritable();
  }

  boolean needsUrgent() {
    return sending.needsUrgent() || receiving.needsUrgent();
  }

  long newBytes() {
    return sending.newBytes();
  }

  long backlogBytes() {
    return sending.backlogBytes();
  }

  boolean isDone() {
    return sendState() == SendState.DONE && receiveState() == ReceiveState.DONE;
  }

  /** Writes control frames and lost data; false if the packet is full. */
  boolean writeUrgent(FrameWriter writer, FrameLog log) {
    return sending.writeReset(writer, log)
        && receiving.writeControl(writer, log)
        && sending.writeLost(writer, log);
  }

  int writeFresh(FrameWriter writer, FrameLog log, long credit) {
    return sending.writeFresh(writer, log, credit);
  }

  /** A frame of this stream arrived. */
  void onAcked(SentKind kind, long offset, int length) {
    switch (kind) {
      case STREAM, STREAM_FIN -> sending.onDataAcked(kind == SentKind.STREAM_FIN, offset, length);
      case RESET -> sending.onResetAcked();
      case STOP, MAX_STREAM_DATA -> {}
      case MAX_DATA, MAX_STREAMS, PARAMS, PATH_RESPONSE, MTU_PROBE, PING ->
          throw new IllegalArgumentException(kind + " is no stream's");
    }
  }

  /** A frame of this stream has to be sent again. */
  void onLost(SentKind kind, long offset, int length) {
    switch (kind) {
      case STREAM, STREAM_FIN -> sending.onDataLost(kind == SentKind.STREAM_FIN, offset, length);
      case RESET -> sending.onResetLost();
      case STOP -> receiving.onStopLost();
      case MAX_STREAM_DATA -> receiving.onGrantLost();
      case MAX_DATA, MAX_STREAMS, PARAMS, PATH_RESPONSE, MTU_PROBE, PING ->
          throw new IllegalArgumentException(kind + " is no stream's");
    }
    owner.onChanged(this);
  }

  /** The connection is over: nothing more is sent. */
  void releaseSent() {
    sending.discard();
  }

  /** The connection is forgotten: nothing more is read. */
  void release() {
    sending.discard();
    receiving.discard();
  }

  void trim() {
    sending.trim();
    receiving.trim();
  }

  @Override
  public String toString() {
    return "stream " + id + " " + sendState() + "/" + receiveState();
  }
}
