package io.aetherflow.statesync.grpc;

import com.google.protobuf.Empty;
import io.aetherflow.api.statesync.v1.AcquireLockRequest;
import io.aetherflow.api.statesync.v1.ListLocksRequest;
import io.aetherflow.api.statesync.v1.ListLocksResponse;
import io.aetherflow.api.statesync.v1.Lock;
import io.aetherflow.api.statesync.v1.LockServiceGrpc.LockServiceImplBase;
import io.aetherflow.api.statesync.v1.ReleaseLockRequest;
import io.aetherflow.api.statesync.v1.RenewLockRequest;
import io.aetherflow.statesync.document.DocumentState;
import io.aetherflow.statesync.loop.Loop;
import io.aetherflow.statesync.shard.ShardHost;
import io.grpc.stub.StreamObserver;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Locks of documents, for the owner of the document. */
public final class LockGrpc extends LockServiceImplBase {
  private final OwnerGate calls;

  /**
   * @param proven whether this instance may still believe that it owns its shards
   */
  public LockGrpc(ShardHost host, Loop loop, BooleanSupplier proven) {
    this.calls = new OwnerGate(host, loop, proven);
  }

  @Override
  public void acquireLock(AcquireLockRequest request, StreamObserver<Lock> observer) {
    calls.of(
        request.getDocument(),
        Requests.lock(request),
        new Answer<>(observer),
        DocumentState::acquireLock,
        request);
  }

  /** Renewals are not stored, so a deposed owner must not take any. */
  @Override
  public void renewLock(RenewLockRequest request, StreamObserver<Lock> observer) {
    Answer<Lock> answer = new Answer<>(observer);
    calls.read(
        request.getDocument(), answer, document -> document.renewLock(request, answer::give));
  }

  @Override
  public void releaseLock(ReleaseLockRequest request, StreamObserver<Empty> observer) {
    Answer<Empty> answer = new Answer<>(observer);
    calls.of(
        request.getDocument(),
        Optional.empty(),
        answer,
        document ->
            document.releaseLock(
                request, outcome -> answer.give(outcome, released -> Empty.getDefaultInstance())));
  }

  @Override
  public void listLocks(ListLocksRequest request, StreamObserver<ListLocksResponse> observer) {
    Answer<ListLocksResponse> answer = new Answer<>(observer);
    calls.read(
        request.getDocument(),
        answer,
        document ->
            document.locks(outcome ->
                answer.give(
                    outcome, locks -> ListLocksResponse.newBuilder().addAllLocks(locks).build())));
  }
}
