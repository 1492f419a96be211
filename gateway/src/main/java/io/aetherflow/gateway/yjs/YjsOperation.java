package io.aetherflow.gateway.yjs;

import io.aetherflow.api.statesync.v1.Operation;
import java.util.Optional;

/**
 * One stored Yjs update.
 *
 * @param message the frame a client gets
 */
public record YjsOperation(long seq, YjsUpdate update, byte[] message) {
  /** Empty when something else was stored in the document: a Yjs client would break on it. */
  public static Optional<YjsOperation> of(Operation operation) {
    byte[] data = operation.getData().toByteArray();
    try {
      YjsUpdate update = YjsUpdate.parse(data);
      return Optional.of(new YjsOperation(operation.getSeq(), update, YjsMessage.update(data)));
    } catch (MalformedException e) {
      return Optional.empty();
    }
  }
}
