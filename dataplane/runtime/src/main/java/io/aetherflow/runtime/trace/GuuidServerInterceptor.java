package io.aetherflow.runtime.trace;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.Optional;
import org.slf4j.MDC;

/**
 * Takes the caller's GUUID, or makes one, for the context and the log lines of a call, and records
 * a unary call as a step of its request.
 */
public final class GuuidServerInterceptor implements ServerInterceptor {
  private final Guuid guuids;
  private final Tracing tracing;

  public GuuidServerInterceptor(Guuid guuids, Tracing tracing) {
    this.guuids = guuids;
    this.tracing = tracing;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    String given = headers.get(Guuid.HEADER);
    Optional<TraceParent> parent =
        Guuid.valid(given) && tracing == Tracing.NONE
            ? Optional.empty()
            : TraceParent.parse(headers.get(Guuid.TRACEPARENT));
    String guuid = guuid(given, parent);
    Span span =
        call.getMethodDescriptor().getType() == MethodType.UNARY
            ? span(guuid, parent, call.getMethodDescriptor().getFullMethodName())
            : Span.NONE;
    Context context = Context.current().withValue(Guuid.CURRENT, guuid);
    if (!span.recorded()) {
      return new LoggedListener<>(Contexts.interceptCall(context, call, headers, next), guuid);
    }
    return new RecordedListener<>(
        new LoggedListener<>(
            Contexts.interceptCall(
                context.withValue(Span.CURRENT, span),
                new RecordedCall<>(call, span),
                headers,
                next),
            guuid),
        span);
  }

  /** A caller that knows only W3C Trace Context has its trace id for a GUUID. */
  private String guuid(String given, Optional<TraceParent> parent) {
    return Guuid.valid(given) ? given : parent.map(TraceParent::guuid).orElseGet(guuids::create);
  }

  /** The caller decides whether the request is recorded, if it says so. */
  private Span span(String guuid, Optional<TraceParent> parent, String name) {
    if (parent.isEmpty() || !parent.get().guuid().equals(guuid)) {
      return tracing.begin(guuid, Span.Kind.SERVER, name);
    }
    return parent.get().recorded()
        ? tracing.under(new SpanRef(guuid, parent.get().span()), Span.Kind.SERVER, name)
        : Span.NONE;
  }

  private static final class RecordedCall<Q, A> extends SimpleForwardingServerCall<Q, A> {
    private final Span span;

    RecordedCall(ServerCall<Q, A> delegate, Span span) {
      super(delegate);
      this.span = span;
    }

    @Override
    public void close(Status status, Metadata trailers) {
      CallSpan.end(span, status);
      super.close(status, trailers);
    }
  }

  private static final class RecordedListener<Q> extends SimpleForwardingServerCallListener<Q> {
    private final Span span;

    RecordedListener(ServerCall.Listener<Q> delegate, Span span) {
      super(delegate);
      this.span = span;
    }

    @Override
    public void onCancel() {
      CallSpan.end(span, Status.CANCELLED);
      super.onCancel();
    }
  }

  private static final class LoggedListener<Q> extends SimpleForwardingServerCallListener<Q> {
    private final String guuid;

    LoggedListener(ServerCall.Listener<Q> delegate, String guuid) {
      super(delegate);
      this.guuid = guuid;
    }

    @Override
    public void onMessage(Q message) {
      logged(() -> super.onMessage(message));
    }

    @Override
    public void onHalfClose() {
      logged(super::onHalfClose);
    }

    @Override
    public void onCancel() {
      logged(super::onCancel);
    }

    @Override
    public void onComplete() {
      logged(super::onComplete);
    }

    @Override
    public void onReady() {
      logged(super::onReady);
    }

    private void logged(Runnable step) {
      try (MDC.MDCCloseable ignored = MDC.putCloseable(Guuid.MDC_KEY, guuid)) {
        step.run();
      }
    }
  }
}
