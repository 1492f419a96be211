package io.aetherflow.quantum.connection;

import io.aetherflow.quantum.buffer.BufferBudget;
import io.aetherflow.quantum.buffer.PagePool;
import io.aetherflow.quantum.fec.FecKernel;

/**
 * What the connections of one endpoint use in turn: pages of stream content, and where lost packets
 * are rebuilt. Belongs to the endpoint's thread.
 */
public final class SharedBuffers {
  private final PagePool pages;
  private final FecKernel kernel;
  private DecodingTable decodingTable;

  /**
   * @param budget of the process
   * @param kernel decodes
   */
  public SharedBuffers(BufferBudget budget, FecKernel kernel) {
    pages = new PagePool(budget);
    this.kernel = kernel;
  }

  /** What all endpoints of the process may keep. */
  public BufferBudget budget() {
    return pages.budget();
  }

  PagePool pages() {
    return pages;
  }

  /** Made when the first loss is repaired. */
  DecodingTable decodingTable() {
    if (decodingTable == null) {
      decodingTable = new DecodingTable(kernel);
    }
    return decodingTable;
  }

  /** No connection is left: gives everything back. */
  public void clear() {
    pages.clear();
    decodingTable = null;
  }
}
