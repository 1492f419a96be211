package io.aetherflow.quantum.endpoint;

import io.aetherflow.quantum.frame.FrameIgnorer;

/** Notes where a SYN's token lies. Not thread-safe. */
final class TokenFinder extends FrameIgnorer {
  byte[] buf;
  int off;
  int length;

  @Override
  public void onNewToken(byte[] buf, int off, int length) {
    this.buf = buf;
    this.off = off;
    this.length = length;
  }
}
