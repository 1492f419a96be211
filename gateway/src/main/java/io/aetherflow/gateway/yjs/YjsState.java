package io.aetherflow.gateway.yjs;

import java.util.Optional;

/**
 * A document's state as a Yjs update, for however many clients get it.
 *
 * @param message the frame a client gets
 * @param deletionsMessage the same for a client that has all structs, of which it may have no
 *     deletion
 */
public record YjsState(YjsUpdate update, byte[] message, byte[] deletionsMessage) {
  /** Empty when the state is something else: a Yjs client would break on it. */
  public static Optional<YjsState> of(byte[] state) {
    try {
      return Optional.of(
          new YjsState(
              YjsUpdate.parse(state),
              YjsMessage.update(state),
              YjsMessage.update(YjsUpdate.onlyDeletions(state))));
    } catch (MalformedException e) {
      return Optional.empty();
    }
  }
}
