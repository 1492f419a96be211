package io.aetherflow.quantum.stream;

import io.aetherflow.quantum.TransportError;
import io.aetherflow.quantum.buffer.PagePool;
import io.aetherflow.quantum.frame.FrameWriter;

/**
 * All streams of a connection, and whose turn it is. Lost data and control frames go first; new
 * data goes round robin, a packet's worth per turn.
 *
 * <p>Belongs to its connection's thread; allocates per stream, not per packet.
 */
public final class Streams {
  /** Pages that one frame's content can touch. */
  private static final int FRAME_PAGES_MAX = 2;

  /** Those of all STREAM frames of a byte that the largest packet can carry, and some streams. */
  private static final int PACKET_PAGES_MAX = 800;

  private final StreamLimits limits;
  private final StreamMap streams = new StreamMap();
  private final StreamIds ids;
  private final StreamQueue urgent = new StreamQueue();
  private final StreamQueue fresh = new StreamQueue();
  private final StreamQueue starved = new StreamQueue();
  private final StreamEvents events = new StreamEvents();
  private final Share share;
  private final ConnectionFlow flow;
  private long peerStreamWindow;
  private long ackedBytes;
  private long retransmittedFrames;

  /**
   * @param client whether this end opened the connection
   * @param pool where content is kept
   */
  public Streams(boolean client, StreamLimits limits, PagePool pool) {
    this.limits = limits;
    ids = new StreamIds(client, limits.peerStreams());
    share = new Share(pool);
    flow = new ConnectionFlow(limits.connectionWindowBytes(), share);
  }

  /** Takes what the peer granted in its handshake. */
  public void onPeerParameters(long maxData, long maxStreamData, long maxStreams) {
    flow.onSendLimit(maxData);
    peerStreamWindow = maxStreamData;
    onMaxStreams(maxStreams);
  }

  /** Opens a stream, or returns null if the peer allows no more; an event tells when it does. */
  public QuantumStream open() {
    long id = ids.openLocal();
    return id == StreamIds.NONE ? null : create(id);
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
    flow.onSendLimit(limit);
  }

  public void onMaxStreams(long limit) {
    if (ids.onMaxStreams(limit)) {
      events.addStreamsAvailable();
    }
  }

  /** A frame of the peer opens its stream and all lower ones; ours must exist already. */
  private TransportError ensureOpened(long id) {
    if (ids.isLocal(id)) {
      return ids.isLocalOpened(id) ? TransportError.NONE : TransportError.STREAM_STATE;
    }
    if (!ids.isGranted(id)) {
      return TransportError.STREAM_LIMIT;
    }
    for (long next = ids.openPeerUpTo(id); next != StreamIds.NONE; next = ids.openPeerUpTo(id)) {
      event(create(next), QuantumStream.OPENED);
    }
    return TransportError.NONE;
  }

  /** Whether a packet could carry something now. */
  public boolean hasSendable() {
    return flow.isGrantPending() || ids.isGrantPending() || hasUrgent() || hasFresh();
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
    return !fresh.isEmpty() && flow.sendCredit() > 0;
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
    flow.writeGrant(writer, log);
    ids.writeGrant(writer, log);
    while (hasUrgent()) {
      QuantumStream stream = urgent.peek();
      if (!stream.writeUrgent(writer, log)) {
        return;
      }
    }
    while (hasFresh()) {
      QuantumStream stream = fresh.peek();
      int wrote = stream.writeFresh(writer, log, flow.sendCredit());
      flow.onSent(wrote);
      if (stream.newBytes() > 0) {
        if (wrote > 0) {
          fresh.add(fresh.poll());
        }
        return;
      }
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
      flow.onGrantLost();
    } else if (kind == SentKind.MAX_STREAMS) {
      ids.onGrantLost();
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
    return flow.onReceived(bytes);
  }

  void onConsumed(long bytes) {
    flow.onConsumed(bytes);
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
    if (!ids.isNew(id) || !ids.isGranted(id)) {
      return 0;
    }
    int content = length == 0 ? 0 : FRAME_PAGES_MAX;
    return content + Share.pagesOfStreams(ids.newStreams(id));
  }

  /** Whether a STREAM frame's content could be read at once. */
  public boolean isNext(long id, long offset) {
    QuantumStream stream = streams.get(id);
    return stream != null ? stream.isNext(offset) : !ids.isNew(id) || offset == 0;
  }

  /**
   * Whether writers or grants wait for buffers that other connections hold, so that {@link
   * #reconsider} must be called again.
   */
  public boolean isHeldBack() {
    return !starved.isEmpty() || flow.isHeldBack();
  }

  /** Looks again at what was held back. */
  public void reconsider() {
    flow.grantIfWorth();
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
    return flow.consumedBytes() + ackedBytes;
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
    ids.onClosed(stream.id());
  }

  void event(QuantumStream stream, int kind) {
    events.add(stream, kind);
  }

  /** Whether {@link #deliver} has something to say. */
  public boolean hasEvents() {
    return !events.isEmpty();
  }

  /** Tells what became ready; the listener's own calls may add events, which are told too. */
  public void deliver(StreamListener listener) {
    events.deliver(listener);
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
