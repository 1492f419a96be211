package io.aetherflow.gateway.hub;

import io.aetherflow.api.statesync.v1.DocumentContent;
import io.aetherflow.api.statesync.v1.PutStateRequest;
import io.aetherflow.api.statesync.v1.PutStateResponse;
import io.aetherflow.api.statesync.v1.SyncServiceGrpc;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.TimeUnit;

/** States of documents, at whoever owns these. */
public final class StateClient {
  private final OwnerCalls calls;

  public StateClient(OwnerCalls calls) {
    this.calls = calls;
  }

  /**
   * Supplies a state; changes nothing when a later one is stored. Blocking.
   *
   * @return what is stored then
   * @throws StatusRuntimeException with the reason when it is refused
   */
  public PutStateResponse put(DocumentContent state) {
    PutStateRequest request = PutStateRequest.newBuilder().setState(state).build();
    return calls.call(
        state.getDocument(),
        (channel, millis) ->
            SyncServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(millis, TimeUnit.MILLISECONDS)
                .putState(request));
  }
}
