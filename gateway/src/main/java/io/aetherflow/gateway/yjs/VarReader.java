package io.aetherflow.gateway.yjs;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Reads lib0's variable-length encoding and never past the end of what was given. */
final class VarReader {
  /** Yjs numbers are JavaScript's safe integers; a longer one is an attack or a mistake. */
  private static final long NUMBER_MAX = (1L << 53) - 1;

  /** Against values nested so deeply that reading them exhausts the stack. */
  private static final int DEPTH_MAX = 100;

  private final byte[] bytes;
  private final int end;
  private int at;

  VarReader(byte[] bytes) {
    this.bytes = bytes;
    this.end = bytes.length;
  }

  boolean atEnd() {
    return at == end;
  }

  void mustBeAtEnd() throws MalformedException {
    if (at != end) {
      throw new MalformedException((end - at) + " bytes follow the end");
    }
  }

  /** How many bytes were read. */
  int at() {
    return at;
  }

  int uint8() throws MalformedException {
    if (at == end) {
      throw new MalformedException("ends early");
    }
    return bytes[at++] & 0xFF;
  }

  long varUint() throws MalformedException {
    long value = 0;
    for (int shift = 0; shift < 56; shift += 7) {
      int next = uint8();
      value |= (long) (next & 0x7F) << shift;
      if (next < 0x80) {
        if (value > NUMBER_MAX) {
          break;
        }
        return value;
      }
    }
    throw new MalformedException("a number is too large");
  }

  byte[] varBytes() throws MalformedException {
    int from = skipLength();
    return Arrays.copyOfRange(bytes, from, at);
  }

  String varString() throws MalformedException {
    int from = skipLength();
    return new String(bytes, from, at - from, StandardCharsets.UTF_8);
  }

  void skipVarBytes() throws MalformedException {
    skipLength();
  }

  /** Skips a value of lib0's "any" encoding. */
  void skipAny() throws MalformedException {
    skipAny(0);
  }

  private void skipAny(int depth) throws MalformedException {
    if (depth > DEPTH_MAX) {
      throw new MalformedException("a value is nested deeper than " + DEPTH_MAX);
    }
    int type = uint8();
    switch (type) {
      case 127, 126, 121, 120 -> {}
      case 125 -> skipVarInt();
      case 124 -> skip(4);
      case 123, 122 -> skip(8);
      case 119, 116 -> skipVarBytes();
      case 118 -> {
        for (long left = varUint(); left > 0; left--) {
          skipVarBytes();
          skipAny(depth + 1);
        }
      }
      case 117 -> {
        for (long left = varUint(); left > 0; left--) {
          skipAny(depth + 1);
        }
      }
      default -> throw new MalformedException("unknown kind of value " + type);
    }
  }

  private void skipVarInt() throws MalformedException {
    for (int i = 0; i < 8; i++) {
      if (uint8() < 0x80) {
        return;
      }
    }
    throw new MalformedException("a number is too large");
  }

  private int skipLength() throws MalformedException {
    long length = varUint();
    int from = at;
    skip(length);
    return from;
  }

  private void skip(long length) throws MalformedException {
    if (length > end - at) {
      throw new MalformedException("ends early");
    }
    at += (int) length;
  }
}
