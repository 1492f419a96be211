package io.aetherflow.quantum.stream;

import io.aetherflow.quantum.TransportError;
import io.aetherflow.quantum.buffer.PagePool;
import io.aetherflow.quantum.frame.FrameWriter;

/**
 * All streams of a connection: ids, flow control of the connection, and whose turn it is. Lost data
 * and control frames go first; new data goes round robin, a packet's worth per turn.
 *
 * <p>Stream ids are {@code 2n} for the client's and {@code 2n + 1} for the server's, n from 0.
 * Belongs to its connection's thread; allocates per stream, not per packet.
 */
public final class Streams {
  /** Pages that one frame's content can touch. */
  private static final int FRAME_PAGES_MAX = 2;

  /** Those of all STREAM frames of a byte that the largest packet can carry, and some streams. */
  private static final int PACKET_PAGES_MAX = 800;

  private final int localBit;
  private final StreamLimits limits;
  private final StreamMap streams = new StreamMap();
  private final StreamQueue urgent = new StreamQueue();
  private final StreamQueue fresh = new StreamQueue();
  private final StreamQueue events = new StreamQueue();
  private final StreamQueue starved = new StreamQueue();
  private final Share share;
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
  private long ackedBytes;
  private boolean maxDataPending;
  private boolean maxStreamsPending;
  private boolean streamsAvailable;
  private long retransmittedFrames;

  /**
   * @param client whether this end opened the connection
   * @param pool where content is kept
   */
  public Streams(boolean client, StreamLimits limits, PagePool pool) {
    localBit = client ? 0 : 1;
    this.limits = limits;
    share = new Share(pool);
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
    share.takeStream();
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

  /** Bytes that wait behind the next packet, at least; without end while a writer waits as well. */
  public long backlogBytes() {
    return hasFresh() ? fresh.peek().backlogBytes() : 0;
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
    long limit = Math.max(receiveLimit, nextReceiveLimit());
    if (maxDataPending && writer.maxData(limit)) {
      receiveLimit = limit;
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
      ackedBytes += length;
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
    grantIfWorth();
  }

  private void grantIfWorth() {
    if (nextReceiveLimit() - receiveLimit >= (window() + 3) / 4) {
      maxDataPending = true;
    }
  }

  private long nextReceiveLimit() {
    return consumed + window();
  }

  private long window() {
    long window = limits.connectionWindowBytes();
    return share.isTight() ? Math.min(window, Share.TIGHT_WINDOW_BYTES) : window;
  }

  Share share() {
    return share;
  }

  /** A writer waits for buffers of the process, which others may hold. */
  void onStarved(QuantumStream stream) {
    if (!stream.inStarved) {
      stream.inStarved = true;
      starved.add(stream);
    }
  }

  /** Pages of the sending halves may have become free. */
  void onSendRoom() {
    if (starved.isEmpty() || share.writablePages() == 0) {
      return;
    }
    for (int waiting = starved.size(); waiting > 0; waiting--) {
      QuantumStream stream = starved.poll();
      stream.inStarved = false;
      stream.tellWritable();
    }
  }

  /** Whether any packet's data finds room within the process's budget. */
  public boolean hasRoomForPacket() {
    return share.hasRoom(PACKET_PAGES_MAX);
  }

  /**
   * Whether so many pages can be had, within the process's budget or the connection's floor.
   *
   * @param next whether all of them are for data that could be read at once
   */
  public boolean hasRoom(int pages, boolean next) {
    return pages == 0 || share.hasRoom(pages) || share.hasFloor(pages, next);
  }

  /** Pages that a frame would add: for its content, and for the streams that it opens. */
  public int newPages(long id, long offset, int length) {
    QuantumStream stream = streams.get(id);
    if (stream != null) {
      return stream.newPages(offset, length);
    }
    long ordinal = id >>> 1;
    if (!isNew(id) || ordinal >= peerStreamsGranted) {
      return 0;
    }
    int content = length == 0 ? 0 : FRAME_PAGES_MAX;
    return content + Share.pagesOfStreams(ordinal - peerOpened + 1);
  }

  /** Whether a STREAM frame's content could be read at once. */
  public boolean isNext(long id, long offset) {
    QuantumStream stream = streams.get(id);
    return stream != null ? stream.isNext(offset) : !isNew(id) || offset == 0;
  }

  private boolean isNew(long id) {
    return (id & 1) != localBit && id >>> 1 >= peerOpened;
  }

  /**
   * Whether writers or grants wait for buffers that other connections hold, so that {@link
   * #reconsider} must be called again.
   */
  public boolean isHeldBack() {
    long granted = Math.max(receiveLimit, consumed + limits.connectionWindowBytes() / 2);
    return !starved.isEmpty() || granted > receiveLimit;
  }

  /** Looks again at what was held back. */
  public void reconsider() {
    grantIfWorth();
    onSendRoom();
  }

  /** Whether pages are held. */
  public boolean holdsPages() {
    return !share.isEmpty();
  }

  /** Whether the process is out of buffers and these streams hold more than everyone may. */
  public boolean isExcessive() {
    return share.isExcessive();
  }

  /** Bytes that were read or acknowledged so far, which says whether the streams move. */
  public long progressBytes() {
    return consumed + ackedBytes;
  }

  /** The connection is over: nothing more is sent. */
  public void releaseSent() {
    share.close();
    for (QuantumStream stream : streams.all()) {
      stream.releaseSent();
    }
  }

  /** The connection is forgotten: nothing more is read, and all pages are given back. */
  public void release() {
    share.close();
    for (QuantumStream stream : streams.all()) {
      stream.release();
      streams.remove(stream.id());
      share.giveStream();
    }
  }

  void onHalfDone(QuantumStream stream) {
    if (!stream.isDone() || streams.get(stream.id()) == null) {
      return;
    }
    streams.remove(stream.id());
    share.giveStream();
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

  /** Gives memory back that was not used for a while. */
  public void trimPool(long nowNs) {
    share.trim(nowNs);
  }

  /** Gives idle memory back. */
  public void trim() {
    for (QuantumStream stream : streams.all()) {
      stream.trim();
    }
  }
}
