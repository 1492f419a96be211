package io.aetherflow.gateway.hub;

import io.aetherflow.api.statesync.v1.LocateDocumentRequest;
import io.aetherflow.api.statesync.v1.LocateDocumentResponse;
import io.aetherflow.api.statesync.v1.RoutingServiceGrpc;
import io.aetherflow.api.statesync.v1.RoutingServiceGrpc.RoutingServiceFutureStub;
import io.aetherflow.gateway.Backends;
import io.aetherflow.gateway.GrpcErrors;
import io.aetherflow.runtime.balance.InTurn;
import io.aetherflow.runtime.balance.PeakEwmaBalancerProvider;
import io.grpc.Channel;
import io.grpc.Deadline;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;

/** Unary calls that only a document's owner can answer. Blocking; run on virtual threads. */
public final class OwnerCalls {
  /** Total time a caller waits for an owner during failover. */
  private static final long DEADLINE_MILLIS = 8_000;

  private static final long ATTEMPT_MILLIS = 3_000;

  /** What a new owner is waited for at a time: it may be the old one again, after a short fault. */
  private static final long HOLD_MILLIS = 1_000;

  /** With less time left a question would not be held, and the rest of the time be spun away. */
  private static final long LAST_MILLIS = 300;

  /** An instance that takes longer to say where a document is may be paused or cut off. */
  private static final long ASK_ANOTHER_MILLIS = 250;

  /** As above, of a question that is held: then every instance that lives may be the first. */
  private static final long ASK_ANOTHER_HELD_MILLIS = 100;

  private static final int ASKED_MAX = 3;

  private final Backends backends;

  public OwnerCalls(Backends backends) {
    this.backends = backends;
  }

  /**
   * Calls the owner; follows NOT_OWNER hints, and waits for another owner while ownership moves.
   *
   * @param call gets the channel and the attempt's deadline in milliseconds
   * @throws StatusRuntimeException the last failure, after {@value #DEADLINE_MILLIS} ms at most
   */
  public <T> T call(String document, BiFunction<Channel, Long, T> call) {
    Deadline deadline = Deadline.after(DEADLINE_MILLIS, TimeUnit.MILLISECONDS);
    LocateDocumentResponse owner = LocateDocumentResponse.getDefaultInstance();
    boolean hinted = false;
    for (int attempt = 0; ; attempt++) {
      try {
        if (!hinted) {
          owner = attempt == 0 ? locate(document) : locateAfter(document, owner, deadline);
        }
        return call.apply(backends.stateSyncAt(owner.getAddress()), left(deadline, ATTEMPT_MILLIS));
      } catch (StatusRuntimeException e) {
        if (!movesOn(e) || deadline.timeRemaining(TimeUnit.MILLISECONDS) < LAST_MILLIS) {
          throw e;
        }
        String hint = GrpcErrors.metadata(e, "address");
        hinted = !hinted && attempt == 0 && !hint.isEmpty();
        if (hinted) {
          owner = owner.toBuilder().setAddress(hint).build();
        }
      }
    }
  }

  /** Asks any instance who owns the document. */
  public LocateDocumentResponse locate(String document) {
    return locate(LocateDocumentRequest.newBuilder().setDocument(document), ATTEMPT_MILLIS);
  }

  /** The owner after one that did not serve; answered when there is one, or after a while. */
  private LocateDocumentResponse locateAfter(
      String document, LocateDocumentResponse before, Deadline deadline) {
    return locateAfter(
        document, before.getEpoch() == 0 ? -1 : before.getEpoch(), left(deadline, HOLD_MILLIS));
  }

  /** Who owns the document under a later epoch; after a while, who owned it then. */
  LocateDocumentResponse locateAfter(String document, long staleEpoch) {
    return locateAfter(document, staleEpoch, HOLD_MILLIS);
  }

  private LocateDocumentResponse locateAfter(String document, long staleEpoch, long millis) {
    return locate(
        LocateDocumentRequest.newBuilder().setDocument(document).setStaleEpoch(staleEpoch), millis);
  }

  /**
   * Asks a further instance while there is no answer. None is cancelled: the balancer must learn
   * which do not answer.
   */
  private LocateDocumentResponse locate(LocateDocumentRequest.Builder request, long millis) {
    boolean held = request.getStaleEpoch() != 0;
    LocateDocumentRequest question = request.build();
    RoutingServiceFutureStub plain =
        RoutingServiceGrpc.newFutureStub(backends.stateSync())
            .withWaitForReady()
            .withDeadlineAfter(millis, TimeUnit.MILLISECONDS);
    RoutingServiceFutureStub stub =
        held
            ? plain.withOption(
                PeakEwmaBalancerProvider.HELD, new InTurn(question.getDocument().hashCode()))
            : plain;
    return new FirstAnswer<LocateDocumentResponse>(
            ASKED_MAX, held ? ASK_ANOTHER_HELD_MILLIS : ASK_ANOTHER_MILLIS)
        .of(() -> stub.locateDocument(question));
  }

  private static long left(Deadline deadline, long max) {
    return Math.clamp(deadline.timeRemaining(TimeUnit.MILLISECONDS), 1, max);
  }

  /** Whether the same call may succeed later, with this owner or another. */
  static boolean mayPass(StatusRuntimeException e) {
    return movesOn(e)
        || GrpcErrors.reason(e).equals("QUOTA")
        || e.getStatus().getCode() == Status.Code.CANCELLED;
  }

  private static boolean movesOn(StatusRuntimeException e) {
    String reason = GrpcErrors.reason(e);
    return reason.equals("NOT_OWNER")
        || reason.equals("EPOCH_FENCED")
        || e.getStatus().getCode() == Status.Code.UNAVAILABLE
        || e.getStatus().getCode() == Status.Code.DEADLINE_EXCEEDED;
  }
}
