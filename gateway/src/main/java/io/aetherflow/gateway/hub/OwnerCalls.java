package io.aetherflow.gateway.hub;

import io.aetherflow.api.statesync.v1.LocateDocumentRequest;
import io.aetherflow.api.statesync.v1.LocateDocumentResponse;
import io.aetherflow.api.statesync.v1.RoutingServiceGrpc;
import io.aetherflow.gateway.Backends;
import io.aetherflow.gateway.GrpcErrors;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;

/** Unary calls that only a document's owner can answer. Blocking; run on virtual threads. */
public final class OwnerCalls {
  /** Total time a caller waits for an owner during failover. */
  private static final Duration DEADLINE = Duration.ofSeconds(8);

  private static final long ATTEMPT_MILLIS = 3000;
  private static final long BACKOFF_MILLIS = 50;
  private static final long BACKOFF_MILLIS_MAX = 500;

  private final Backends backends;

  public OwnerCalls(Backends backends) {
    this.backends = backends;
  }

  /**
   * Calls the owner; follows NOT_OWNER hints and asks again while ownership moves.
   *
   * @param call gets the channel and the attempt's deadline in milliseconds
   * @throws StatusRuntimeException the last failure
   */
  public <T> T call(String document, BiFunction<Channel, Long, T> call) {
    long deadlineNs = System.nanoTime() + DEADLINE.toNanos();
    String hint = "";
    for (int attempt = 0; ; attempt++) {
      try {
        String address = hint.isEmpty() ? locate(document).getAddress() : hint;
        if (address.isEmpty()) {
          throw Status.UNAVAILABLE
              .withDescription("document " + document + " has no owner at the moment")
              .asRuntimeException();
        }
        return call.apply(backends.stateSyncAt(address), ATTEMPT_MILLIS);
      } catch (StatusRuntimeException e) {
        if (!movesOn(e) || System.nanoTime() - deadlineNs > 0) {
          throw e;
        }
        hint = attempt == 0 ? GrpcErrors.metadata(e, "address") : "";
        if (hint.isEmpty()) {
          pause(attempt, e);
        }
      }
    }
  }

  /** Asks any instance who owns the document. */
  public LocateDocumentResponse locate(String document) {
    return RoutingServiceGrpc.newBlockingStub(backends.stateSync())
        .withDeadlineAfter(ATTEMPT_MILLIS, TimeUnit.MILLISECONDS)
        .locateDocument(LocateDocumentRequest.newBuilder().setDocument(document).build());
  }

  private static boolean movesOn(StatusRuntimeException e) {
    String reason = GrpcErrors.reason(e);
    return reason.equals("NOT_OWNER")
        || reason.equals("EPOCH_FENCED")
        || e.getStatus().getCode() == Status.Code.UNAVAILABLE
        || e.getStatus().getCode() == Status.Code.DEADLINE_EXCEEDED;
  }

  private static void pause(int attempt, StatusRuntimeException cause) {
    try {
      Thread.sleep(Math.min(BACKOFF_MILLIS_MAX, BACKOFF_MILLIS << Math.min(attempt, 4)));
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw cause;
    }
  }
}
