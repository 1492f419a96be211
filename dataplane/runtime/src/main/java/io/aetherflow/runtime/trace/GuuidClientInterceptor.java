package io.aetherflow.runtime.trace;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import java.util.random.RandomGenerator;

/**
 * Sends the current GUUID along, or a new one, and records a unary call as a step of its request.
 * Thread-safe when its random source is.
 */
public final class GuuidClientInterceptor implements ClientInterceptor {
  private final Guuid guuids;
  private final RandomGenerator random;
  private final Tracing tracing;

  public GuuidClientInterceptor(Guuid guuids, RandomGenerator random, Tracing tracing) {
    this.guuids = guuids;
    this.random = random;
    this.tracing = tracing;
  }

  @Override
  public <Q, A> ClientCall<Q, A> interceptCall(
      MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
    String current = Guuid.CURRENT.get();
    Span above = Span.CURRENT.get();
    return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
      @Override
      public void start(Listener<A> listener, Metadata headers) {
        String guuid = current == null ? guuids.create() : current;
        Span span = current == null ? Span.NONE : span(current, above, method);
        headers.put(Guuid.HEADER, guuid);
        headers.put(Guuid.TRACEPARENT, parent(guuid, span).header());
        super.start(span.recorded() ? new Ending<>(listener, span) : listener, headers);
      }
    };
  }

  /** A stream serves many requests and is a step of none; nor is what a pod does unasked. */
  private Span span(String guuid, Span above, MethodDescriptor<?, ?> method) {
    if (method.getType() != MethodType.UNARY) {
      return Span.NONE;
    }
    String name = method.getFullMethodName();
    return above.recorded()
        ? above.child(Span.Kind.CLIENT, name)
        : tracing.begin(guuid, Span.Kind.CLIENT, name);
  }

  private TraceParent parent(String guuid, Span span) {
    return span.recorded()
        ? new TraceParent(guuid, span.id(), true)
        : new TraceParent(guuid, random.nextLong() | 1, false);
  }

  private static final class Ending<A> extends SimpleForwardingClientCallListener<A> {
    private final Span span;

    Ending(ClientCall.Listener<A> delegate, Span span) {
      super(delegate);
      this.span = span;
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      CallSpan.end(span, status);
      super.onClose(status, trailers);
    }
  }
}
