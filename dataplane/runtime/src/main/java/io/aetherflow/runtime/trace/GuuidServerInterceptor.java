package io.aetherflow.runtime.trace;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import org.slf4j.MDC;

/** Takes the caller's GUUID, or makes one, for the context and the log lines of a call. */
public final class GuuidServerInterceptor implements ServerInterceptor {
  private final Guuid guuids;

  public GuuidServerInterceptor(Guuid guuids) {
    this.guuids = guuids;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    String given = headers.get(Guuid.HEADER);
    String guuid = Guuid.valid(given) ? given : guuids.create();
    Context context = Context.current().withValue(Guuid.CURRENT, guuid);
    return new LoggedListener<>(Contexts.interceptCall(context, call, headers, next), guuid);
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
