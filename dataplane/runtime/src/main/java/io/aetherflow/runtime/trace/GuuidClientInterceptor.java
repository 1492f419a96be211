package io.aetherflow.runtime.trace;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import java.util.random.RandomGenerator;

/** Sends the current GUUID along, or a new one. Thread-safe when its random source is. */
public final class GuuidClientInterceptor implements ClientInterceptor {
  private final Guuid guuids;
  private final RandomGenerator random;

  public GuuidClientInterceptor(Guuid guuids, RandomGenerator random) {
    this.guuids = guuids;
    this.random = random;
  }

  @Override
  public <Q, A> ClientCall<Q, A> interceptCall(
      MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
    String current = Guuid.CURRENT.get();
    return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
      @Override
      public void start(Listener<A> listener, Metadata headers) {
        String guuid = current == null ? guuids.create() : current;
        headers.put(Guuid.HEADER, guuid);
        headers.put(Guuid.TRACEPARENT, Guuid.traceparent(guuid, random.nextLong()));
        super.start(listener, headers);
      }
    };
  }
}
