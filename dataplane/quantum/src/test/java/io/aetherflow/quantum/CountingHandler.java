package io.aetherflow.quantum;

import io.aetherflow.quantum.frame.FrameIgnorer;

/** Counts STREAM frames and keeps nothing else. */
final class CountingHandler extends FrameIgnorer {
  int streams;

  @Override
  public void onStream(long id, long offset, boolean fin, byte[] buf, int off, int length) {
    streams++;
  }
}
