package io.aetherflow.quantum.stream;

import io.aetherflow.quantum.TransportError;
import io.aetherflow.quantum.frame.FrameWriter;

/**
 * All streams of a connection: ids, flow control of the connection, and whose turn it is. Lost data
 * and control frames go first; new data goes round robin, a packet's worth per turn.
 *
 * <p>Stream ids are {@code 2n} for the client's and {@code 2n + 1} for the server's, n from 0.
 * Belongs to its connection's thread; allocates per stream, not per packet.
 */
public final class Streams {
  private final int localBit;
  private final StreamLimits limits;
  private final StreamMap streams = new StreamMap();
  private final StreamQueue urgent = new StreamQueue();
  private final StreamQueue fresh = new StreamQueue();
  private final StreamQueue events = new StreamQueue();
  private long localOpened;
  private long peerOpened;
  private long peerStreamsGranted;
  private long peerStreamsClosed;
  private long localStreamsLimit;
  private long peerStreamWindow;
  private long sendLimit;
  private long sent;
  private long receiveLimit;
  private long received;
  private long consumed;
  private boolean maxDataPending;
  private boolean maxStreamsPending;
  private boolean streamsAvailable;
  private long retransmittedFrames;

  /**
   * @param client whether this end opened the connection
   */
  public Streams(boolean client, StreamLimits limits) {
    localBit = client ? 0 : 1;
    this.limits = limits;
    peerStreamsGranted = limits.peerStreams();
    receiveLimit = limits.connectionWindowBytes();
  }

  /** Takes what the peer granted in its handshake. */
  public void onPeerParameters(long maxData, long maxStreamData, long maxStreams) {
    sendLimit = Math.max(sendLimit, maxData);
    peerStreamWindow = maxStreamData;
    onMaxStreams(maxStreams);
  }

  /** Opens a stream, or returns null if the peer allows no more; an event tells when it does. */
  public QuantumStream open() {
    if (localOpened >= localStreamsLimit) {
      return null;
    }
    return create(2 * localOpened++ + localBit);
  }

  /** A live stream, or null. */
  public QuantumStream get(long id) {
    return streams.get(id);
  }

  /** Live streams. */
  public int count() {
    return streams.size();
  }

  private QuantumStream create(long id) {
    QuantumStream stream = new QuantumStream(id, this, limits, peerStreamWindow);
    streams.add(stream);
    return stream;
  }

  public TransportError onStream(
      long id, long offset, boolean fin, byte[] buf, int off, int length) {
    TransportError error = ensureOpened(id);
    QuantumStream stream = error == TransportError.NONE ? streams.get(id) : null;
    return stream == null ? error : stream.onData(offset, fin, buf, off, length);
  }

  public TransportError onReset(long id, long errorCode, long finalSize) {
    TransportError error = ensureOpened(id);
    QuantumStream stream = error == TransportError.NONE ? streams.get(id) : null;
    return stream == null ? error : stream.onReset(errorCode, finalSize);
  }

  public TransportError onStop(long id, long errorCode) {
    TransportError error = ensureOpened(id);
    QuantumStream stream = error == TransportError.NONE ? streams.get(id) : null;
    if (stream != null) {
      stream.onStop(errorCode);
    }
    return error;
  }

  public TransportError onMaxStreamData(long id, long limit) {
    TransportError error = ensureOpened(id);
    QuantumStream stream = error == TransportError.NONE ? streams.get(id) : null;
    if (stream != null) {
      stream.onSendLimit(limit);
    }
    return error;
  }

  public void onMaxData(long limit) {
    sendLimit = Math.max(sendLimit, limit);
  }

  public void onMaxStreams(long limit) {
    streamsAvailable |= limit > localStreamsLimit;
    localStreamsLimit = Math.max(localStreamsLimit, limit);
  }

  /** A frame of the peer opens its stream and all lower ones; ours must exist already. */
  private TransportError ensureOpened(long id) {
    long ordinal = id >>> 1;
    if ((id & 1) == localBit) {
      return ordinal < localOpened ? TransportError.NONE : TransportError.STREAM_STATE;
    }
    if (ordinal >= peerStreamsGranted) {
      return TransportError.STREAM_LIMIT;
    }
    while (peerOpened <= ordinal) {
      event(create(2 * peerOpened++ + (localBit ^ 1)), QuantumStream.OPENED);
    }
    return TransportError.NONE;
  }

  /** Whether a packet could carry something now. */
  public boolean hasSendable() {
    return maxDataPending || maxStreamsPending || hasUrgent() || hasFresh();
  }

  private boolean hasUrgent() {
    while (!urgent.isEmpty() && !urgent.peek().needsUrgent()) {
      urgent.poll().inUrgent = false;
    }
    return !urgent.isEmpty();
  }

  private boolean hasFresh() {
    while (!fresh.isEmpty() && fresh.peek().newBytes() == 0) {
      fresh.poll().inFresh = false;
    }
    return !fresh.isEmpty() && sendLimit > sent;
  }

  /** Bytes that wait behind the next packet, at least; much of it means bulk. */
  public long backlogBytes() {
    return hasFresh() ? fresh.peek().newBytes() : 0;
  }

  /** Frames with lost data sent again so far. */
  public long retransmittedFrames() {
    return retransmittedFrames;
  }

  void onRetransmitted() {
    retransmittedFrames++;
  }

  /** Fills a packet; writes nothing if nothing is sendable. */
  public void write(FrameWriter writer, FrameLog log) {
    writeControl(writer, log);
    while (hasUrgent()) {
      QuantumStream stream = urgent.peek();
      if (!stream.writeUrgent(writer, log)) {
        return;
      }
    }
    while (hasFresh()) {
      QuantumStream stream = fresh.peek();
      int wrote = stream.writeFresh(writer, log, sendLimit - sent);
      sent += wrote;
      if (stream.newBytes() > 0) {
        if (wrote > 0) {
          fresh.add(fresh.poll());
        }
        return;
      }
    }
  }

  private void writeControl(FrameWriter writer, FrameLog log) {
    if (maxDataPending && writer.maxData(Math.max(receiveLimit, nextReceiveLimit()))) {
      receiveLimit = Math.max(receiveLimit, nextReceiveLimit());
      maxDataPending = false;
      log.record(SentKind.MAX_DATA, null, 0, 0);
    }
    if (maxStreamsPending && writer.maxStreams(peerStreamsClosed + limits.peerStreams())) {
      peerStreamsGranted = peerStreamsClosed + limits.peerStreams();
      maxStreamsPending = false;
      log.record(SentKind.MAX_STREAMS, null, 0, 0);
    }
  }

  /** A remembered frame arrived. */
  public void onAcked(SentKind kind, QuantumStream stream, long offset, int length) {
    if (stream != null) {
      stream.onAcked(kind, offset, length);
    }
  }

  /** A remembered frame has to be sent again. */
  public void onLost(SentKind kind, QuantumStream stream, long offset, int length) {
    if (stream != null) {
      stream.onLost(kind, offset, length);
    } else if (kind == SentKind.MAX_DATA) {
      maxDataPending = true;
    } else if (kind == SentKind.MAX_STREAMS) {
      maxStreamsPending = true;
    }
  }

  void onChanged(QuantumStream stream) {
    if (!stream.inUrgent && stream.needsUrgent()) {
      stream.inUrgent = true;
      urgent.add(stream);
    }
    if (!stream.inFresh && stream.newBytes() > 0) {
      stream.inFresh = true;
      fresh.add(stream);
    }
  }

  /** New data came in; false if it exceeds what the connection granted. */
  boolean onReceived(long bytes) {
    received += bytes;
    return received <= receiveLimit;
  }

  void onConsumed(long bytes) {
    consumed += bytes;
    if (nextReceiveLimit() - receiveLimit >= limits.connectionWindowBytes() / 2) {
      maxDataPending = true;
    }
  }

  private long nextReceiveLimit() {
    return consumed + limits.connectionWindowBytes();
  }

  void onHalfDone(QuantumStream stream) {
    if (!stream.isDone() || streams.get(stream.id()) == null) {
      return;
    }
    streams.remove(stream.id());
    event(stream, QuantumStream.CLOSED);
    if ((stream.id() & 1) != localBit) {
      peerStreamsClosed++;
      long worth = Math.max(limits.peerStreams() / 2, 1);
      long next = peerStreamsClosed + limits.peerStreams();
      maxStreamsPending |= next - peerStreamsGranted >= worth;
    }
  }

  void event(QuantumStream stream, int kind) {
    stream.events |= kind;
    if (!stream.inEvents) {
      stream.inEvents = true;
      events.add(stream);
    }
  }

  /** Whether {@link #deliver} has something to say. */
  public boolean hasEvents() {
    return !events.isEmpty() || streamsAvailable;
  }

  /** Tells what became ready; the listener's own calls may add events, which are told too. */
  public void deliver(StreamListener listener) {
    if (streamsAvailable) {
      streamsAvailable = false;
      listener.onStreamsAvailable();
    }
    while (!events.isEmpty()) {
      QuantumStream stream = events.poll();
      stream.inEvents = false;
      int kinds = stream.events;
      stream.events = 0;
      deliver(stream, kinds, listener);
    }
  }

  private static void deliver(QuantumStream stream, int kinds, StreamListener listener) {
    if ((kinds & QuantumStream.OPENED) != 0) {
      listener.onOpened(stream);
    }
    if ((kinds & QuantumStream.READABLE) != 0) {
      listener.onReadable(stream);
    }
    if ((kinds & QuantumStream.RESET) != 0) {
      listener.onReset(stream);
    }
    if ((kinds & QuantumStream.STOPPED) != 0) {
      listener.onStopped(stream);
    }
    if ((kinds & QuantumStream.WRITABLE) != 0) {
      listener.onWritable(stream);
    }
    if ((kinds & QuantumStream.CLOSED) != 0) {
      listener.onClosed(stream);
    }
  }

  /** Whether something was written that the peer has not confirmed. */
  public boolean hasUnacked() {
    for (QuantumStream stream : streams.all()) {
      if (stream.unackedBytes() > 0 || stream.sendState() == SendState.FINISHED) {
        return true;
      }
    }
    return false;
  }

  /** Gives idle memory back. */
  public void trim() {
    for (QuantumStream stream : streams.all()) {
      stream.trim();
    }
  }
}
