package io.aetherflow.quantum.connection;

import io.aetherflow.quantum.buffer.BufferBudget;
import io.aetherflow.quantum.buffer.PagePool;
import io.aetherflow.quantum.fec.FecKernels;
import io.aetherflow.quantum.fec.GroupDecoder;

/**
 * What the connections of one endpoint use in turn: pages of stream content, and the decoder with
 * its plans. Belongs to the endpoint's thread.
 */
public final class SharedBuffers {
  private final PagePool pages;
  private GroupDecoder decoder;

  /**
   * @param budget of the process
   */
  public SharedBuffers(BufferBudget budget) {
    pages = new PagePool(budget);
  }

  /** What all endpoints of the process may keep. */
  public BufferBudget budget() {
    return pages.budget();
  }

  PagePool pages() {
    return pages;
  }

  /** Made when the first loss is repaired. */
  GroupDecoder decoder() {
    if (decoder == null) {
      decoder = new GroupDecoder(FecKernels.best());
    }
    return decoder;
  }

  /** No connection is left: gives everything back. */
  public void clear() {
    pages.clear();
    decoder = null;
  }
}
