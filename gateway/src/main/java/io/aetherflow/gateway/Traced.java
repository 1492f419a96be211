package io.aetherflow.gateway;

import io.aetherflow.runtime.trace.Guuid;
import io.grpc.Context;
import java.util.function.Supplier;
import org.slf4j.MDC;

/** Work under a GUUID: log lines and gRPC calls on the way carry it. */
public final class Traced {
  private Traced() {}

  public static void run(String guuid, Runnable work) {
    call(
        guuid,
        () -> {
          work.run();
          return null;
        });
  }

  public static <T> T call(String guuid, Supplier<T> work) {
    Context context = Context.current().withValue(Guuid.CURRENT, guuid);
    Context before = context.attach();
    try (var _ = MDC.putCloseable(Guuid.MDC_KEY, guuid)) {
      return work.get();
    } finally {
      context.detach(before);
    }
  }

  /** The work under the GUUID of now, for another thread. */
  public static Runnable wrap(Runnable work) {
    String guuid = Guuid.CURRENT.get();
    return guuid == null ? work : () -> run(guuid, work);
  }

  /** The GUUID of now; empty when there is none. */
  public static String current() {
    String guuid = Guuid.CURRENT.get();
    return guuid == null ? "" : guuid;
  }
}
