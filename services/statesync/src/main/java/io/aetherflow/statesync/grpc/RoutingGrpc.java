package io.aetherflow.statesync.grpc;

import io.aetherflow.api.statesync.v1.GetStatsRequest;
import io.aetherflow.api.statesync.v1.LocateDocumentRequest;
import io.aetherflow.api.statesync.v1.LocateDocumentResponse;
import io.aetherflow.api.statesync.v1.RoutingServiceGrpc.RoutingServiceImplBase;
import io.aetherflow.api.statesync.v1.Stats;
import io.aetherflow.statesync.document.Refusal;
import io.aetherflow.statesync.document.ShardContext;
import io.aetherflow.statesync.document.Totals;
import io.aetherflow.statesync.loop.Loop;
import io.aetherflow.statesync.shard.ShardHost;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Which instance owns a document's shard. */
public final class RoutingGrpc extends RoutingServiceImplBase {
  /** Against callers that wait for ever. */
  private static final long HOLD_MILLIS_MAX = 10_000;

  private static final long WAY_BACK_MILLIS = 100;

  private final ShardHost host;
  private final Loop loop;
  private final ShardContext context;

  public RoutingGrpc(ShardHost host, Loop loop, ShardContext context) {
    this.host = host;
    this.loop = loop;
    this.context = context;
  }

  @Override
  public void locateDocument(
      LocateDocumentRequest request, StreamObserver<LocateDocumentResponse> observer) {
    Answer<LocateDocumentResponse> answer = new Answer<>(observer);
    Optional<Refusal> invalid = Requests.document(request.getDocument());
    if (invalid.isPresent()) {
      answer.refused(invalid.get());
      return;
    }
    long millis = holdMillis(Context.current().getDeadline());
    loop.execute(() ->
        host.locate(
            request.getDocument(),
            request.getStaleEpoch(),
            millis,
            location -> {
              if (location.owner().isEmpty()) {
                answer.failed(Status.UNAVAILABLE.withDescription("no statesync instance is alive"));
                return;
              }
              answer.done(
                  LocateDocumentResponse.newBuilder()
                      .setOwner(location.owner())
                      .setAddress(location.address())
                      .setEpoch(location.epoch())
                      .build());
            }));
  }

  /** As long as the caller waits, but for the way back. */
  private static long holdMillis(Deadline deadline) {
    return deadline == null
        ? HOLD_MILLIS_MAX
        : Math.clamp(
            deadline.timeRemaining(TimeUnit.MILLISECONDS) - WAY_BACK_MILLIS, 0, HOLD_MILLIS_MAX);
  }

  @Override
  public void getStats(GetStatsRequest request, StreamObserver<Stats> observer) {
    Answer<Stats> answer = new Answer<>(observer);
    loop.execute(() -> {
      Totals totals = context.totals();
      Stats.Builder stats =
          Stats.newBuilder()
              .setShards(host.owned())
              .setDocuments(totals.documents())
              .setSubscriptions(totals.subscriptions())
              .setOperations(totals.operations())
              .setOperationBytes(totals.operationBytes())
              .setOperationsWaiting(context.admission().operations())
              .setHotBytes(context.admission().hotBytes())
              .setFoldedBytes(context.folded().bytes());
      host.ifKnown(request.getDocument(), document -> stats.setDocument(document.stats()));
      answer.done(stats.build());
    });
  }
}
