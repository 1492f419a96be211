package io.aetherflow.runtime.etcd;

import io.etcd.jetcd.ByteSequence;
import java.nio.charset.StandardCharsets;

/** Text to and from jetcd's byte sequences. */
public final class Bytes {
  private Bytes() {}

  public static ByteSequence of(String text) {
    return ByteSequence.from(text, StandardCharsets.UTF_8);
  }

  public static String text(ByteSequence bytes) {
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
