package io.aetherflow.gateway.hub;

import io.aetherflow.api.statesync.v1.Operation;
import io.aetherflow.gateway.ws.ServerJson;
import io.aetherflow.gateway.yjs.YjsOperation;
import java.util.List;

/** Contiguous operations of one document, encoded once for however many sockets get them. */
public final class OperationsFrame {
  private final String document;
  private final long epoch;
  private final List<Operation> operations;
  private String text;
  private List<YjsOperation> yjs;

  public OperationsFrame(String document, long epoch, List<Operation> operations) {
    this.document = document;
    this.epoch = epoch;
    this.operations = List.copyOf(operations);
  }

  public String document() {
    return document;
  }

  public long epoch() {
    return epoch;
  }

  public long firstSeq() {
    return operations.getFirst().getSeq();
  }

  public long lastSeq() {
    return operations.getLast().getSeq();
  }

  public List<Operation> operations() {
    return operations;
  }

  /** The WebSocket message. Call on the hub's thread only. */
  public String text() {
    if (text == null) {
      text = ServerJson.operations(this);
    }
    return text;
  }

  /** The operations as Yjs messages; what is no Yjs update is left out. As {@link #text()}. */
  public List<YjsOperation> yjs() {
    if (yjs == null) {
      yjs = operations.stream().flatMap(each -> YjsOperation.of(each).stream()).toList();
    }
    return yjs;
  }
}
