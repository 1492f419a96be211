package io.aetherflow.e2e.faults;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Reads protobuf's wire format, for tests that look at stored bytes with no code of ours. */
final class WireReader {
  private static final int FIXED64 = 1;
  private static final int LENGTH_DELIMITED = 2;
  private static final int FIXED32 = 5;

  private final ByteBuffer in;
  private int wireType;

  WireReader(byte[] message) {
    this(ByteBuffer.wrap(message));
  }

  private WireReader(ByteBuffer in) {
    this.in = in;
  }

  /** The next field's number; 0 at the end. Its value must be read or skipped then. */
  int field() {
    if (!in.hasRemaining()) {
      return 0;
    }
    long tag = varint();
    wireType = (int) tag & 7;
    return (int) (tag >>> 3);
  }

  long varint() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      byte next = in.get();
      value |= (next & 0x7FL) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new IllegalArgumentException("a varint of more than 10 bytes");
  }

  WireReader message() {
    int length = (int) varint();
    ByteBuffer part = in.slice(in.position(), length);
    in.position(in.position() + length);
    return new WireReader(part);
  }

  String text() {
    return StandardCharsets.UTF_8.decode(message().in).toString();
  }

  void skip() {
    switch (wireType) {
      case 0 -> varint();
      case FIXED64 -> in.position(in.position() + Long.BYTES);
      case LENGTH_DELIMITED -> message();
      case FIXED32 -> in.position(in.position() + Integer.BYTES);
      default -> throw new IllegalArgumentException("wire type " + wireType);
    }
  }
}
