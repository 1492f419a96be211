package io.aetherflow.quantum.frame;

import io.aetherflow.quantum.buffer.BigEndian;
import io.aetherflow.quantum.buffer.VarInt;
import io.aetherflow.quantum.packet.PacketRanges;

/**
 * Appends frames to a payload. Each method answers false, and leaves the payload as it was, when
 * the frame does not fit. A value outside its bounds is our own bug and throws {@link
 * IllegalArgumentException}. Reused for every packet, allocates nothing. Not thread-safe.
 */
public final class FrameWriter {
  /** A FEC_SID frame. */
  public static final int FEC_SID_BYTES = 6;

  /** A REPAIR frame without its parity. */
  public static final int REPAIR_OVERHEAD_BYTES = 10;

  private byte[] buf = new byte[0];
  private int start;
  private int pos;
  private int end;

  /** Starts a payload of at most {@code room} bytes at {@code off}. */
  public void begin(byte[] buf, int off, int room) {
    java.util.Objects.checkFromIndexSize(off, room, buf.length);
    this.buf = buf;
    start = off;
    pos = off;
    end = off + room;
  }

  /** Bytes written since {@link #begin}. */
  public int bytes() {
    return pos - start;
  }

  /** Bytes that are still free. */
  public int room() {
    return end - pos;
  }

  public boolean padding(int bytes) {
    check(bytes >= 1, "padding is at least one byte");
    if (room() < bytes) {
      return false;
    }
    java.util.Arrays.fill(buf, pos, pos + bytes, (byte) FrameType.PADDING);
    pos += bytes;
    return true;
  }

  public boolean ping() {
    return begin(FrameType.PING, 0);
  }

  public boolean ackExt(long delayMicros, long ect0, long ect1, long ce, PacketRanges ranges) {
    int size = VarInt.bytes(delayMicros) + VarInt.bytes(ect0) + VarInt.bytes(ect1);
    if (!begin(FrameType.ACK_EXT, size + VarInt.bytes(ce) + rangesBytes(ranges))) {
      return false;
    }
    varInt(delayMicros);
    varInt(ect0);
    varInt(ect1);
    varInt(ce);
    ranges(ranges);
    return true;
  }

  public boolean recovered(PacketRanges ranges) {
    check(ranges.count() > 0, "RECOVERED needs a range");
    if (!begin(FrameType.RECOVERED, rangesBytes(ranges))) {
      return false;
    }
    ranges(ranges);
    return true;
  }

  public boolean forgo(long number) {
    return one(FrameType.FORGO, number);
  }

  public boolean params(Frame.Params params) {
    check(validParams(params.maxAckDelayMicros(), params.maxDatagramBytes()), "PARAMS bounds");
    int size = VarInt.bytes(params.maxData()) + VarInt.bytes(params.maxStreamData());
    size += VarInt.bytes(params.maxStreams()) + VarInt.bytes(params.maxAckDelayMicros());
    size += VarInt.bytes(params.idleTimeoutMillis()) + VarInt.bytes(params.maxDatagramBytes());
    if (!begin(FrameType.PARAMS, size)) {
      return false;
    }
    varInt(params.maxData());
    varInt(params.maxStreamData());
    varInt(params.maxStreams());
    varInt(params.maxAckDelayMicros());
    varInt(params.idleTimeoutMillis());
    varInt(params.maxDatagramBytes());
    return true;
  }

  static boolean validParams(long maxAckDelayMicros, long maxDatagramBytes) {
    return maxAckDelayMicros <= FrameLimits.ACK_DELAY_MICROS_MAX
        && maxDatagramBytes >= FrameLimits.DATAGRAM_BYTES_MIN;
  }

  public boolean crypto(long offset, byte[] data, int off, int length) {
    check(offset <= VarInt.MAX - length, "CRYPTO must end below 2^62");
    if (!begin(FrameType.CRYPTO, VarInt.bytes(offset) + VarInt.bytes(length) + length)) {
      return false;
    }
    varInt(offset);
    data(data, off, length);
    return true;
  }

  public boolean newToken(byte[] token, int off, int length) {
    check(length >= 1 && length <= FrameLimits.TOKEN_BYTES_MAX, "token is 1 to 128 bytes");
    if (!begin(FrameType.NEW_TOKEN, VarInt.bytes(length) + length)) {
      return false;
    }
    data(token, off, length);
    return true;
  }

  public boolean stream(long id, long offset, boolean fin, byte[] data, int off, int length) {
    check(offset <= VarInt.MAX - length, "STREAM must end below 2^62");
    if (!begin(
        fin ? FrameType.STREAM_FIN : FrameType.STREAM,
        streamOverheadBytes(id, offset, length) - 1 + length)) {
      return false;
    }
    varInt(id);
    varInt(offset);
    data(data, off, length);
    return true;
  }

  /**
   * Appends a STREAM frame whose data the caller copies into {@link #array}.
   *
   * @return where the data begins there, or -1 if the frame does not fit
   */
  public int streamWithoutData(long id, long offset, boolean fin, int length) {
    check(offset <= VarInt.MAX - length, "STREAM must end below 2^62");
    if (!begin(
        fin ? FrameType.STREAM_FIN : FrameType.STREAM,
        streamOverheadBytes(id, offset, length) - 1 + length)) {
      return -1;
    }
    varInt(id);
    varInt(offset);
    varInt(length);
    pos += length;
    return pos - length;
  }

  /** Where the payload is being written. */
  public byte[] array() {
    return buf;
  }

  /** Bytes of a STREAM frame besides its data. */
  public static int streamOverheadBytes(long id, long offset, int length) {
    return 1 + VarInt.bytes(id) + VarInt.bytes(offset) + VarInt.bytes(length);
  }

  public boolean reset(long id, long errorCode, long finalSize) {
    int size = VarInt.bytes(id) + VarInt.bytes(errorCode) + VarInt.bytes(finalSize);
    if (!begin(FrameType.RESET, size)) {
      return false;
    }
    varInt(id);
    varInt(errorCode);
    varInt(finalSize);
    return true;
  }

  public boolean stop(long id, long errorCode) {
    return two(FrameType.STOP, id, errorCode);
  }

  public boolean maxData(long limit) {
    return one(FrameType.MAX_DATA, limit);
  }

  public boolean maxStreamData(long id, long limit) {
    return two(FrameType.MAX_STREAM_DATA, id, limit);
  }

  public boolean maxStreams(long limit) {
    return one(FrameType.MAX_STREAMS, limit);
  }

  public boolean fecSid(int group, int index) {
    check(index >= 0 && index < FrameLimits.FEC_SOURCES_MAX, "FEC_SID index is 0 to 63");
    if (!begin(FrameType.FEC_SID, FEC_SID_BYTES - 1)) {
      return false;
    }
    BigEndian.put32(buf, pos, group);
    buf[pos + 4] = (byte) index;
    pos += FEC_SID_BYTES - 1;
    return true;
  }

  public boolean repair(
      int group, int width, int sources, int index, byte[] parity, int off, int length) {
    check(validRepair(width, sources, index, length), "REPAIR out of bounds");
    if (!begin(FrameType.REPAIR, REPAIR_OVERHEAD_BYTES - 1 + length)) {
      return false;
    }
    BigEndian.put32(buf, pos, group);
    buf[pos + 4] = (byte) width;
    buf[pos + 5] = (byte) sources;
    buf[pos + 6] = (byte) index;
    BigEndian.put16(buf, pos + 7, length);
    pos += REPAIR_OVERHEAD_BYTES - 1;
    copy(parity, off, length);
    return true;
  }

  static boolean validRepair(int width, int sources, int index, int length) {
    return width >= 1
        && width <= FrameLimits.FEC_SOURCES_MAX
        && sources >= 1
        && sources <= width
        && index >= 0
        && index < FrameLimits.FEC_REPAIRS_MAX
        && length >= FrameLimits.PARITY_BYTES_MIN
        && length <= 0xFFFF;
  }

  public boolean pathChallenge(long data) {
    return path(FrameType.PATH_CHALLENGE, data);
  }

  public boolean pathResponse(long data) {
    return path(FrameType.PATH_RESPONSE, data);
  }

  public boolean close(long errorCode, byte[] reason, int off, int length) {
    check(length >= 0 && length <= FrameLimits.REASON_BYTES_MAX, "reason is at most 256 bytes");
    int size = VarInt.bytes(errorCode) + VarInt.bytes(length) + length;
    if (!begin(FrameType.CLOSE, size)) {
      return false;
    }
    varInt(errorCode);
    data(reason, off, length);
    return true;
  }

  /** Appends a frame given as a value. */
  public boolean write(Frame frame) {
    return switch (frame) {
      case Frame.Padding f -> padding(f.bytes());
      case Frame.Ping() -> ping();
      case Frame.AckExt f -> ackExt(f.delayMicros(), f.ect0(), f.ect1(), f.ce(), f.ranges());
      case Frame.Recovered f -> recovered(f.ranges());
      case Frame.Forgo f -> forgo(f.number());
      case Frame.Params f -> params(f);
      case Frame.Crypto f -> crypto(f.offset(), f.data().array(), 0, f.data().length());
      case Frame.NewToken f -> newToken(f.token().array(), 0, f.token().length());
      case Frame.Stream f ->
          stream(f.id(), f.offset(), f.fin(), f.data().array(), 0, f.data().length());
      case Frame.Reset f -> reset(f.id(), f.errorCode(), f.finalSize());
      case Frame.Stop f -> stop(f.id(), f.errorCode());
      case Frame.MaxData f -> maxData(f.limit());
      case Frame.MaxStreamData f -> maxStreamData(f.id(), f.limit());
      case Frame.MaxStreams f -> maxStreams(f.limit());
      case Frame.FecSid f -> fecSid(f.group(), f.index());
      case Frame.Repair(int group, int width, int sources, int index, Bytes parity) ->
          repair(group, width, sources, index, parity.array(), 0, parity.length());
      case Frame.PathChallenge f -> pathChallenge(f.data());
      case Frame.PathResponse f -> pathResponse(f.data());
      case Frame.Close f -> close(f.errorCode(), f.reason().array(), 0, f.reason().length());
    };
  }

  private boolean one(int type, long value) {
    if (!begin(type, VarInt.bytes(value))) {
      return false;
    }
    varInt(value);
    return true;
  }

  private boolean two(int type, long first, long second) {
    if (!begin(type, VarInt.bytes(first) + VarInt.bytes(second))) {
      return false;
    }
    varInt(first);
    varInt(second);
    return true;
  }

  private boolean path(int type, long data) {
    if (!begin(type, 8)) {
      return false;
    }
    BigEndian.put64(buf, pos, data);
    pos += 8;
    return true;
  }

  private boolean begin(int type, int bodyBytes) {
    if (room() - 1 < bodyBytes) {
      return false;
    }
    buf[pos++] = (byte) type;
    return true;
  }

  private void varInt(long value) {
    pos = VarInt.put(buf, pos, value);
  }

  private void data(byte[] data, int off, int length) {
    varInt(length);
    copy(data, off, length);
  }

  private void copy(byte[] data, int off, int length) {
    System.arraycopy(data, off, buf, pos, length);
    pos += length;
  }

  private void ranges(PacketRanges ranges) {
    varInt(ranges.count());
    for (int i = 0; i < ranges.count(); i++) {
      varInt(lead(ranges, i));
      varInt(ranges.last(i) - ranges.first(i));
    }
  }

  private static int rangesBytes(PacketRanges ranges) {
    check(ranges.count() <= FrameLimits.RANGES_MAX, "at most 64 ranges");
    int size = VarInt.bytes(ranges.count());
    for (int i = 0; i < ranges.count(); i++) {
      size += VarInt.bytes(lead(ranges, i)) + VarInt.bytes(ranges.last(i) - ranges.first(i));
    }
    return size;
  }

  private static long lead(PacketRanges ranges, int i) {
    return i == 0 ? ranges.last(0) : ranges.first(i - 1) - 2 - ranges.last(i);
  }

  private static void check(boolean holds, String rule) {
    if (!holds) {
      throw new IllegalArgumentException(rule);
    }
  }
}
