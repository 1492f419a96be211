package io.aetherflow.gateway.testing;

import io.aetherflow.api.statesync.v1.LockServiceGrpc;
import io.aetherflow.gateway.Backends;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;

/** Backends whose answers to AcquireLock can be late. Thread-safe. */
public final class HeldGrants implements Backends, ClientInterceptor {
  private final Backends backends;

  private boolean holding;
  private int held;

  public HeldGrants(Backends backends) {
    this.backends = backends;
  }

  /** Answers wait from now on. */
  public synchronized void hold() {
    holding = true;
  }

  /** Waits until so many answers wait. */
  public synchronized void await(int answers) throws InterruptedException {
    while (held < answers) {
      wait();
    }
  }

  public synchronized void release() {
    holding = false;
    notifyAll();
  }

  /** On the thread that asked, which waits for the answer anyway. */
  private synchronized void awaitRelease() {
    held++;
    notifyAll();
    try {
      while (holding) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    held--;
  }

  @Override
  public <Q, A> ClientCall<Q, A> interceptCall(
      MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
    ClientCall<Q, A> call = next.newCall(method, options);
    if (!method.equals(LockServiceGrpc.getAcquireLockMethod())) {
      return call;
    }
    return new SimpleForwardingClientCall<>(call) {
      @Override
      public void start(Listener<A> listener, Metadata headers) {
        super.start(
            new SimpleForwardingClientCallListener<>(listener) {
              @Override
              public void onClose(Status status, Metadata trailers) {
                awaitRelease();
                super.onClose(status, trailers);
              }
            },
            headers);
      }
    };
  }

  @Override
  public Channel sessionService() {
    return backends.sessionService();
  }

  @Override
  public Channel stateSync() {
    return backends.stateSync();
  }

  @Override
  public Channel stateSyncAt(String address) {
    return ClientInterceptors.intercept(backends.stateSyncAt(address), this);
  }
}
