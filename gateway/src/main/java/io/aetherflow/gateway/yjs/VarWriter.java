package io.aetherflow.gateway.yjs;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Writes lib0's variable-length encoding. */
final class VarWriter {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  VarWriter varUint(long value) {
    long left = value;
    while (left >= 0x80) {
      out.write((int) (left & 0x7F | 0x80));
      left >>>= 7;
    }
    out.write((int) left);
    return this;
  }

  VarWriter varBytes(byte[] bytes) {
    varUint(bytes.length);
    out.writeBytes(bytes);
    return this;
  }

  VarWriter varString(String text) {
    return varBytes(text.getBytes(StandardCharsets.UTF_8));
  }

  byte[] bytes() {
    return out.toByteArray();
  }
}
