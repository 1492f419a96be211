package io.aetherflow.gateway.hub;

import io.aetherflow.api.statesync.v1.AcquireLockRequest;
import io.aetherflow.api.statesync.v1.Lock;
import io.aetherflow.api.statesync.v1.LockServiceGrpc;
import io.aetherflow.api.statesync.v1.LockServiceGrpc.LockServiceBlockingStub;
import io.aetherflow.api.statesync.v1.ReleaseLockRequest;
import io.aetherflow.api.statesync.v1.RenewLockRequest;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.TimeUnit;

/**
 * Locks of documents, at whoever owns these. Blocking; every call may be repeated, and throws
 * {@link StatusRuntimeException} with the reason when it is refused.
 */
public final class LockClient {
  private final OwnerCalls calls;

  public LockClient(OwnerCalls calls) {
    this.calls = calls;
  }

  public Lock acquire(AcquireLockRequest request) {
    return calls.call(
        request.getDocument(), (channel, millis) -> locks(channel, millis).acquireLock(request));
  }

  public Lock renew(RenewLockRequest request) {
    return calls.call(
        request.getDocument(), (channel, millis) -> locks(channel, millis).renewLock(request));
  }

  public void release(ReleaseLockRequest request) {
    calls.call(
        request.getDocument(), (channel, millis) -> locks(channel, millis).releaseLock(request));
  }

  private static LockServiceBlockingStub locks(Channel channel, long millis) {
    return LockServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(millis, TimeUnit.MILLISECONDS);
  }
}
