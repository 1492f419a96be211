package io.aetherflow.statesync.grpc;

import io.aetherflow.api.statesync.v1.ApplyOperationsRequest;
import io.aetherflow.api.statesync.v1.ApplyOperationsResponse;
import io.aetherflow.api.statesync.v1.ApplyResult;
import io.aetherflow.api.statesync.v1.OperationDraft;
import io.aetherflow.api.statesync.v1.SyncResponse;
import io.aetherflow.api.statesync.v1.SyncServiceGrpc;
import io.aetherflow.runtime.trace.Span;
import io.aetherflow.runtime.trace.SpanRef;
import io.aetherflow.runtime.trace.Tracing;
import io.aetherflow.statesync.document.DocumentState;
import io.aetherflow.statesync.document.Outcome;
import io.aetherflow.statesync.document.Outcome.Done;
import io.aetherflow.statesync.document.Outcome.Refused;
import io.aetherflow.statesync.document.Refusal;
import io.aetherflow.statesync.document.Refusal.Reason;
import io.aetherflow.statesync.shard.ShardHost;
import java.util.Optional;
import java.util.function.Consumer;

/** The operations that come over one gateway's stream, and their answers. Loop only. */
final class StreamOperations {
  /** One message of the stream, as a step of its request. */
  private static final String SPAN = SyncServiceGrpc.SERVICE_NAME + "/Sync apply";

  private final ShardHost host;
  private final Tracing tracing;
  private final Consumer<SyncResponse> send;

  StreamOperations(ShardHost host, Tracing tracing, Consumer<SyncResponse> send) {
    this.host = host;
    this.tracing = tracing;
    this.send = send;
  }

  void apply(ApplyOperationsRequest asked) {
    Span span =
        tracing.under(new SpanRef(asked.getGuuid(), asked.getParentSpan()), Span.Kind.SERVER, SPAN);
    ApplyOperationsRequest request = Requests.under(span, asked);
    Optional<Refusal> invalid = Requests.apply(request);
    if (invalid.isPresent()) {
      refuse(request, span, invalid.get(), Optional.empty());
      return;
    }
    host.with(
        request.getDocument(),
        document -> document.apply(request, outcome -> answer(request, span, document, outcome)),
        location ->
            refuse(
                request, span, Errors.notOwner(request.getDocument(), location), Optional.empty()));
  }

  private void answer(
      ApplyOperationsRequest request,
      Span span,
      DocumentState document,
      Outcome<ApplyOperationsResponse> outcome) {
    switch (outcome) {
      case Refused<ApplyOperationsResponse>(Refusal why) ->
          refuse(request, span, why, Optional.of(document));
      case Done<ApplyOperationsResponse>(ApplyOperationsResponse response) -> {
        span.end();
        ApplyResult.Builder result = result(request);
        for (int i = 0; i < request.getOperationsCount(); i++) {
          result
              .addOutcomesBuilder()
              .setClientSeq(request.getOperations(i).getClientSeq())
              .setSeq(response.getSeqs(i));
        }
        send.accept(SyncResponse.newBuilder().setResult(result).build());
      }
    }
  }

  /** Drafts that were stored by an earlier request are told so even now. */
  private void refuse(
      ApplyOperationsRequest request, Span span, Refusal why, Optional<DocumentState> document) {
    span.fail(why.reason().name());
    ApplyResult.Builder result = result(request);
    for (OperationDraft draft : request.getOperationsList()) {
      ApplyResult.Outcome.Builder outcome =
          result.addOutcomesBuilder().setClientSeq(draft.getClientSeq());
      long seq =
          document
              .map(each -> each.durableSeq(request.getClientId(), draft.getClientSeq()))
              .orElse(0L);
      if (seq > 0) {
        outcome.setSeq(seq);
      } else {
        Reason reason = why.reason();
        outcome.setReason(reason.name()).setRetryable(reason.retryable());
      }
    }
    send.accept(SyncResponse.newBuilder().setResult(result).build());
  }

  private static ApplyResult.Builder result(ApplyOperationsRequest request) {
    return ApplyResult.newBuilder()
        .setDocument(request.getDocument())
        .setClientId(request.getClientId());
  }
}
