package io.aetherflow.quantum.frame;

import io.aetherflow.quantum.buffer.BigEndian;
import io.aetherflow.quantum.buffer.VarInt;

/**
 * Reads the frames of a payload and hands each to a {@link FrameHandler}. Reused for every packet,
 * allocates nothing, never throws for any content. Not thread-safe.
 *
 * <p>Frames before a malformed one have been handed over when the refusal comes back; the
 * connection then closes, since an intact packet with a malformed frame is a fault of the peer's
 * program.
 */
public final class FrameReader {
  private static final long BAD = -1;

  private final RangeList ranges = new RangeList();
  private byte[] buf;
  private int pos;
  private int end;
  private FrameRefusal refusal = FrameRefusal.NONE;

  /** Reads all frames in {@code buf[off, off + length)}. */
  public FrameRefusal read(byte[] buf, int off, int length, FrameHandler handler) {
    java.util.Objects.checkFromIndexSize(off, length, buf.length);
    this.buf = buf;
    pos = off;
    end = off + length;
    refusal = FrameRefusal.NONE;
    while (pos < end && refusal == FrameRefusal.NONE) {
      readFrame(handler);
    }
    return refusal;
  }

  private void readFrame(FrameHandler handler) {
    int type = buf[pos++] & 0xFF;
    switch (type) {
      case FrameType.PADDING -> padding(handler);
      case FrameType.PING -> handler.onPing();
      case FrameType.ACK_EXT -> ackExt(handler);
      case FrameType.RECOVERED -> recovered(handler);
      case FrameType.FORGO -> forgo(handler);
      case FrameType.PARAMS -> params(handler);
      case FrameType.CRYPTO -> crypto(handler);
      case FrameType.NEW_TOKEN -> newToken(handler);
      case FrameType.STREAM -> stream(handler, false);
      case FrameType.STREAM_FIN -> stream(handler, true);
      case FrameType.RESET -> reset(handler);
      case FrameType.STOP -> stop(handler);
      case FrameType.MAX_DATA -> maxData(handler);
      case FrameType.MAX_STREAM_DATA -> maxStreamData(handler);
      case FrameType.MAX_STREAMS -> maxStreams(handler);
      case FrameType.FEC_SID -> fecSid(handler);
      case FrameType.REPAIR -> repair(handler);
      case FrameType.PATH_CHALLENGE, FrameType.PATH_RESPONSE -> path(handler, type);
      case FrameType.CLOSE -> close(handler);
      default -> refuse(FrameRefusal.UNKNOWN_TYPE);
    }
  }

  private void padding(FrameHandler handler) {
    int start = pos - 1;
    while (pos < end && buf[pos] == FrameType.PADDING) {
      pos++;
    }
    handler.onPadding(pos - start);
  }

  private void ackExt(FrameHandler handler) {
    long delay = varInt();
    long ect0 = varInt();
    long ect1 = varInt();
    long ce = varInt();
    if (ranges(0)) {
      handler.onAckExt(delay, ect0, ect1, ce, ranges);
    }
  }

  private void recovered(FrameHandler handler) {
    if (ranges(1)) {
      handler.onRecovered(ranges);
    }
  }

  private void forgo(FrameHandler handler) {
    long number = varInt();
    if (ok()) {
      handler.onForgo(number);
    }
  }

  private void params(FrameHandler handler) {
    long maxData = varInt();
    long maxStreamData = varInt();
    long maxStreams = varInt();
    long maxAckDelayMicros = varInt();
    long idleTimeoutMillis = varInt();
    long maxDatagramBytes = varInt();
    if (ok() && !FrameWriter.validParams(maxAckDelayMicros, maxDatagramBytes)) {
      refuse(FrameRefusal.OUT_OF_RANGE);
    }
    if (ok()) {
      handler.onParams(
          maxData,
          maxStreamData,
          maxStreams,
          maxAckDelayMicros,
          idleTimeoutMillis,
          maxDatagramBytes);
    }
  }

  private void crypto(FrameHandler handler) {
    long offset = varInt();
    int length = dataLength(offset);
    if (ok()) {
      handler.onCrypto(offset, buf, take(length), length);
    }
  }

  private void newToken(FrameHandler handler) {
    int length = bytesLength(FrameLimits.TOKEN_BYTES_MAX);
    if (ok() && length == 0) {
      refuse(FrameRefusal.OUT_OF_RANGE);
    }
    if (ok()) {
      handler.onNewToken(buf, take(length), length);
    }
  }

  private void stream(FrameHandler handler, boolean fin) {
    long id = varInt();
    long offset = varInt();
    int length = dataLength(offset);
    if (ok()) {
      handler.onStream(id, offset, fin, buf, take(length), length);
    }
  }

  private void reset(FrameHandler handler) {
    long id = varInt();
    long errorCode = varInt();
    long finalSize = varInt();
    if (ok()) {
      handler.onReset(id, errorCode, finalSize);
    }
  }

  private void stop(FrameHandler handler) {
    long id = varInt();
    long errorCode = varInt();
    if (ok()) {
      handler.onStop(id, errorCode);
    }
  }

  private void maxData(FrameHandler handler) {
    long limit = varInt();
    if (ok()) {
      handler.onMaxData(limit);
    }
  }

  private void maxStreamData(FrameHandler handler) {
    long id = varInt();
    long limit = varInt();
    if (ok()) {
      handler.onMaxStreamData(id, limit);
    }
  }

  private void maxStreams(FrameHandler handler) {
    long limit = varInt();
    if (ok()) {
      handler.onMaxStreams(limit);
    }
  }

  private void fecSid(FrameHandler handler) {
    if (!available(5)) {
      return;
    }
    int group = BigEndian.i32(buf, pos);
    int index = BigEndian.u8(buf, pos + 4);
    if (index >= FrameLimits.FEC_SOURCES_MAX) {
      refuse(FrameRefusal.OUT_OF_RANGE);
      return;
    }
    pos += 5;
    handler.onFecSid(group, index);
  }

  private void repair(FrameHandler handler) {
    if (!available(FrameWriter.REPAIR_OVERHEAD_BYTES - 1)) {
      return;
    }
    int group = BigEndian.i32(buf, pos);
    int width = BigEndian.u8(buf, pos + 4);
    int sources = BigEndian.u8(buf, pos + 5);
    int index = BigEndian.u8(buf, pos + 6);
    int length = BigEndian.u16(buf, pos + 7);
    if (!FrameWriter.validRepair(width, sources, index, length)) {
      refuse(FrameRefusal.OUT_OF_RANGE);
      return;
    }
    pos += FrameWriter.REPAIR_OVERHEAD_BYTES - 1;
    if (available(length)) {
      handler.onRepair(group, width, sources, index, buf, take(length), length);
    }
  }

  private void path(FrameHandler handler, int type) {
    if (!available(8)) {
      return;
    }
    long data = BigEndian.i64(buf, take(8));
    if (type == FrameType.PATH_CHALLENGE) {
      handler.onPathChallenge(data);
    } else {
      handler.onPathResponse(data);
    }
  }

  private void close(FrameHandler handler) {
    long errorCode = varInt();
    int length = bytesLength(FrameLimits.REASON_BYTES_MAX);
    if (ok()) {
      handler.onClose(errorCode, buf, take(length), length);
    }
  }

  /**
   * Count, then the newest range as (last, length - 1), then each older as (missing - 1, length -
   * 1).
   */
  private boolean ranges(int countMin) {
    ranges.clear();
    long count = varInt();
    if (ok() && count > FrameLimits.RANGES_MAX) {
      refuse(FrameRefusal.TOO_LONG);
    } else if (ok() && count < countMin) {
      refuse(FrameRefusal.OUT_OF_RANGE);
    }
    long below = 0;
    for (int i = 0; i < count && ok(); i++) {
      long lead = varInt();
      long length = varInt();
      long last = i == 0 ? lead : below - 2 - lead;
      long first = last - length;
      if (ok() && !ranges.add(first, last)) {
        refuse(FrameRefusal.OUT_OF_RANGE);
      }
      below = first;
    }
    return ok();
  }

  private long varInt() {
    if (!ok() || !available(1)) {
      return BAD;
    }
    int size = VarInt.bytesFromFirst(buf[pos]);
    if (!available(size)) {
      return BAD;
    }
    long value = VarInt.get(buf, pos, size);
    if (VarInt.bytes(value) != size) {
      refuse(FrameRefusal.NOT_CANONICAL);
      return BAD;
    }
    pos += size;
    return value;
  }

  /** A length whose bytes are all here and whose end stays below 2^62. */
  private int dataLength(long offset) {
    int length = bytesLength(Integer.MAX_VALUE);
    if (ok() && offset > VarInt.MAX - length) {
      refuse(FrameRefusal.OUT_OF_RANGE);
    }
    return length;
  }

  private int bytesLength(int max) {
    long length = varInt();
    if (ok() && length > max) {
      refuse(FrameRefusal.TOO_LONG);
    } else if (ok()) {
      available(length);
    }
    return ok() ? (int) length : 0;
  }

  private boolean available(long bytes) {
    if (end - pos < bytes) {
      refuse(FrameRefusal.TRUNCATED);
      return false;
    }
    return true;
  }

  private int take(int bytes) {
    int at = pos;
    pos += bytes;
    return at;
  }

  private boolean ok() {
    return refusal == FrameRefusal.NONE;
  }

  private void refuse(FrameRefusal reason) {
    refusal = reason;
  }
}
