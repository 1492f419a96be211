package io.aetherflow.quantum.connection;

import io.aetherflow.quantum.buffer.BufferBudget;
import io.aetherflow.quantum.buffer.PagePool;
import io.aetherflow.quantum.fec.FecKernel;
import io.aetherflow.quantum.fec.FecKernels;

/**
 * What the connections of one endpoint use in turn: pages of stream content, and where lost packets
 * are rebuilt. Belongs to the endpoint's thread.
 */
public final class SharedBuffers {
  private final PagePool pages;
  private FecKernel kernel = FecKernels.best();
  private DecodingTable decodingTable;

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

  /** Decodes with another kernel from now on. */
  void setKernel(FecKernel kernel) {
    this.kernel = kernel;
    decodingTable = null;
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
