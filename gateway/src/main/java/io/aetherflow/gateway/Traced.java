package io.aetherflow.gateway;

import io.aetherflow.runtime.trace.Guuid;
import io.aetherflow.runtime.trace.Span;
import io.grpc.Context;
import java.util.function.Supplier;
import org.slf4j.MDC;

/** Work under a GUUID: log lines and gRPC calls on the way carry it. */
public final class Traced {
  private Traced() {}

  public static void run(String guuid, Runnable work) {
    run(guuid, Span.NONE, work);
  }

  private static void run(String guuid, Span span, Runnable work) {
    call(
        guuid,
        span,
        () -> {
          work.run();
          return null;
        });
  }

  /**
   * @param span that the work is a part of
   */
  public static <T> T call(String guuid, Span span, Supplier<T> work) {
    Context context =
        span.recorded()
            ? Context.current().withValues(Guuid.CURRENT, guuid, Span.CURRENT, span)
            : Context.current().withValue(Guuid.CURRENT, guuid);
    Context before = context.attach();
    try (var _ = MDC.putCloseable(Guuid.MDC_KEY, guuid)) {
      return work.get();
    } finally {
      context.detach(before);
    }
  }

  /** The work under the GUUID and the span of now, for another thread. */
  public static Runnable wrap(Runnable work) {
    String guuid = Guuid.CURRENT.get();
    Span span = Span.CURRENT.get();
    return guuid == null ? work : () -> run(guuid, span, work);
  }

  /** The GUUID of now; empty when there is none. */
  public static String current() {
    String guuid = Guuid.CURRENT.get();
    return guuid == null ? "" : guuid;
  }
}
