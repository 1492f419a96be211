package io.aetherflow.statesync.grpc;

import io.aetherflow.api.statesync.v1.ApplyOperationsRequest;
import io.aetherflow.api.statesync.v1.ApplyOperationsResponse;
import io.aetherflow.api.statesync.v1.DocumentContent;
import io.aetherflow.api.statesync.v1.GetStateRequest;
import io.aetherflow.api.statesync.v1.ListConflictsRequest;
import io.aetherflow.api.statesync.v1.ListConflictsResponse;
import io.aetherflow.api.statesync.v1.ListOperationsRequest;
import io.aetherflow.api.statesync.v1.ListOperationsResponse;
import io.aetherflow.api.statesync.v1.OperationDraft;
import io.aetherflow.api.statesync.v1.PutStateRequest;
import io.aetherflow.api.statesync.v1.PutStateResponse;
import io.aetherflow.api.statesync.v1.ResolveConflictRequest;
import io.aetherflow.api.statesync.v1.SyncRequest;
import io.aetherflow.api.statesync.v1.SyncResponse;
import io.aetherflow.api.statesync.v1.SyncServiceGrpc;
import io.aetherflow.api.statesync.v1.SyncServiceGrpc.SyncServiceImplBase;
import io.aetherflow.runtime.trace.Tracing;
import io.aetherflow.statesync.document.DocumentState;
import io.aetherflow.statesync.document.Refusal;
import io.aetherflow.statesync.document.Refusal.Reason;
import io.aetherflow.statesync.document.TrimmedException;
import io.aetherflow.statesync.loop.Loop;
import io.aetherflow.statesync.shard.ShardHost;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallExecutorSupplier;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;

/** Operations in and out, for the owner of their document. */
public final class SyncGrpc extends SyncServiceImplBase {
  private static final int LIST_DEFAULT = 500;
  private static final int LIST_MAX = 1_000;

  /** With one operation beyond, below the 4 MiB of a message. */
  private static final int LIST_BYTES_MAX = 2 << 20;

  private final ShardHost host;
  private final Loop loop;
  private final OwnerGate calls;
  private final Tracing tracing;
  private final Set<SyncStream> streams = new HashSet<>();

  /**
   * @param proven whether this instance may still believe that it owns its shards
   */
  public SyncGrpc(ShardHost host, Loop loop, BooleanSupplier proven, Tracing tracing) {
    this.tracing = tracing;
    this.host = host;
    this.loop = loop;
    this.calls = new OwnerGate(host, loop, proven);
  }

  /** Streams hand everything to the loop at once, so a thread between would only cost. */
  public static ServerCallExecutorSupplier executor() {
    return new ServerCallExecutorSupplier() {
      @Override
      public <Q, A> Executor getExecutor(ServerCall<Q, A> call, Metadata metadata) {
        boolean stream =
            call.getMethodDescriptor()
                .getFullMethodName()
                .equals(SyncServiceGrpc.getSyncMethod().getFullMethodName());
        // The default one.
        return stream ? Runnable::run : null;
      }
    };
  }

  @Override
  public StreamObserver<SyncRequest> sync(StreamObserver<SyncResponse> observer) {
    SyncStream stream =
        new SyncStream(
            (ServerCallStreamObserver<SyncResponse>) observer,
            host,
            loop,
            tracing,
            streams::remove);
    loop.execute(() -> streams.add(stream));
    return stream.start();
  }

  /** Ends all streams in good order. Any thread. */
  public void closeStreams() {
    loop.execute(() -> List.copyOf(streams).forEach(SyncStream::complete));
  }

  @Override
  public void applyOperations(
      ApplyOperationsRequest asked, StreamObserver<ApplyOperationsResponse> observer) {
    ApplyOperationsRequest request = Requests.ofCall(asked);
    calls.of(
        request.getDocument(),
        Requests.apply(request),
        new Answer<>(observer),
        DocumentState::apply,
        request);
  }

  @Override
  public void resolveConflict(
      ResolveConflictRequest request, StreamObserver<ApplyOperationsResponse> observer) {
    Answer<ApplyOperationsResponse> answer = new Answer<>(observer);
    if (request.getSeq() < 1) {
      answer.refused(Refusal.of(Reason.INVALID, "seq names a conflict"));
      return;
    }
    applyOperations(
        ApplyOperationsRequest.newBuilder()
            .setDocument(request.getDocument())
            .setClientId(request.getClientId())
            .setUser(request.getUser())
            .addOperations(
                OperationDraft.newBuilder()
                    .setClientSeq(request.getClientSeq())
                    .setResolvesSeq(request.getSeq())
                    .setData(request.getData()))
            .build(),
        observer);
  }

  @Override
  public void listConflicts(
      ListConflictsRequest request, StreamObserver<ListConflictsResponse> observer) {
    Answer<ListConflictsResponse> answer = new Answer<>(observer);
    calls.read(
        request.getDocument(),
        answer,
        document ->
            document.conflicts(outcome ->
                answer.give(
                    outcome,
                    found -> ListConflictsResponse.newBuilder().addAllConflicts(found).build())));
  }

  @Override
  public void getState(GetStateRequest request, StreamObserver<DocumentContent> observer) {
    Answer<DocumentContent> answer = new Answer<>(observer);
    calls.read(request.getDocument(), answer, document -> document.content(answer::give));
  }

  @Override
  public void putState(PutStateRequest request, StreamObserver<PutStateResponse> observer) {
    calls.of(
        request.getState().getDocument(),
        Requests.state(request.getState()),
        new Answer<>(observer),
        DocumentState::putContent,
        request.getState());
  }

  @Override
  public void listOperations(
      ListOperationsRequest request, StreamObserver<ListOperationsResponse> observer) {
    Answer<ListOperationsResponse> answer = new Answer<>(observer);
    if (request.getFromSeq() < 0 || request.getLimit() < 0) {
      answer.refused(Refusal.of(Reason.INVALID, "from_seq and limit are not negative"));
      return;
    }
    calls.read(request.getDocument(), answer, document -> list(document, request, answer));
  }

  private void list(
      DocumentState document,
      ListOperationsRequest request,
      Answer<ListOperationsResponse> answer) {
    long from = Math.max(1, request.getFromSeq());
    ListOperationsResponse.Builder response =
        ListOperationsResponse.newBuilder().setHead(document.head()).setEpoch(document.epoch());
    if (from > document.head()) {
      answer.done(response.build());
      return;
    }
    int limit = request.getLimit() == 0 ? LIST_DEFAULT : Math.min(request.getLimit(), LIST_MAX);
    loop.whenDone(
        document.read(from, limit, LIST_BYTES_MAX),
        (operations, error) -> {
          if (error == null) {
            answer.done(response.addAllOperations(operations).build());
          } else if (TrimmedException.in(error)) {
            answer.refused(trimmed(document));
          } else {
            answer.failed(Status.UNAVAILABLE.withDescription("the log does not answer"));
          }
        });
  }

  private static Refusal trimmed(DocumentState document) {
    return new Refusal(
        Reason.SEQ_TRIMMED,
        "the log of " + document.id() + " begins at " + document.firstSeq(),
        Map.of(
            "first_seq", Long.toString(document.firstSeq()),
            "state_seq", Long.toString(document.stateSeq())));
  }
}
