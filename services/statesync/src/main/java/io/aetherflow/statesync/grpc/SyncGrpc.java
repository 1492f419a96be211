package io.aetherflow.statesync.grpc;

import io.aetherflow.api.statesync.v1.ApplyOperationsRequest;
import io.aetherflow.api.statesync.v1.ApplyOperationsResponse;
import io.aetherflow.api.statesync.v1.ListOperationsRequest;
import io.aetherflow.api.statesync.v1.ListOperationsResponse;
import io.aetherflow.api.statesync.v1.SyncRequest;
import io.aetherflow.api.statesync.v1.SyncResponse;
import io.aetherflow.api.statesync.v1.SyncServiceGrpc.SyncServiceImplBase;
import io.aetherflow.statesync.document.DocumentState;
import io.aetherflow.statesync.document.Refusal;
import io.aetherflow.statesync.document.Refusal.Reason;
import io.aetherflow.statesync.loop.Loop;
import io.aetherflow.statesync.shard.ShardHost;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** Operations in and out, for the owner of their document. */
public final class SyncGrpc extends SyncServiceImplBase {
  private static final int LIST_DEFAULT = 500;
  private static final int LIST_MAX = 1_000;

  /** With one operation beyond, below the 4 MiB of a message. */
  private static final int LIST_BYTES_MAX = 2 << 20;

  private final ShardHost host;
  private final Loop loop;
  private final BooleanSupplier proven;
  private final Set<SyncStream> streams = new HashSet<>();

  /**
   * @param proven whether this instance may still believe that it owns its shards
   */
  public SyncGrpc(ShardHost host, Loop loop, BooleanSupplier proven) {
    this.host = host;
    this.loop = loop;
    this.proven = proven;
  }

  @Override
  public StreamObserver<SyncRequest> sync(StreamObserver<SyncResponse> observer) {
    SyncStream stream =
        new SyncStream(
            (ServerCallStreamObserver<SyncResponse>) observer, host, loop, streams::remove);
    loop.execute(() -> streams.add(stream));
    return stream.start();
  }

  /** Ends all streams in good order. Any thread. */
  public void closeStreams() {
    loop.execute(() -> List.copyOf(streams).forEach(SyncStream::complete));
  }

  @Override
  public void applyOperations(
      ApplyOperationsRequest request, StreamObserver<ApplyOperationsResponse> observer) {
    Answer<ApplyOperationsResponse> answer = new Answer<>(observer);
    Requests.apply(request)
        .ifPresentOrElse(
            answer::refused,
            () ->
                loop.execute(() ->
                    host.with(
                        request.getDocument(),
                        document -> document.apply(request, answer::give),
                        location ->
                            answer.refused(Errors.notOwner(request.getDocument(), location)))));
  }

  @Override
  public void listOperations(
      ListOperationsRequest request, StreamObserver<ListOperationsResponse> observer) {
    Answer<ListOperationsResponse> answer = new Answer<>(observer);
    Optional<Refusal> invalid =
        Requests.document(request.getDocument())
            .or(() ->
                request.getFromSeq() < 0 || request.getLimit() < 0
                    ? Requests.invalid("from_seq and limit are not negative")
                    : Requests.none());
    if (invalid.isPresent()) {
      answer.refused(invalid.get());
      return;
    }
    loop.execute(() ->
        host.with(
            request.getDocument(),
            document -> list(document, request, answer),
            location -> answer.refused(Errors.notOwner(request.getDocument(), location))));
  }

  private void list(
      DocumentState document,
      ListOperationsRequest request,
      Answer<ListOperationsResponse> answer) {
    if (!proven.getAsBoolean()) {
      answer.refused(
          Refusal.of(
              Reason.UNAVAILABLE,
              "etcd does not answer; another instance may own the document by now"));
      return;
    }
    long from = Math.max(1, request.getFromSeq());
    if (from < document.firstSeq()) {
      answer.refused(
          new Refusal(
              Reason.SEQ_TRIMMED,
              "the log of " + document.id() + " begins at " + document.firstSeq(),
              Map.of("first_seq", Long.toString(document.firstSeq()))));
      return;
    }
    ListOperationsResponse.Builder response =
        ListOperationsResponse.newBuilder().setHead(document.head()).setEpoch(document.epoch());
    if (from > document.head()) {
      answer.done(response.build());
      return;
    }
    int limit = request.getLimit() == 0 ? LIST_DEFAULT : Math.min(request.getLimit(), LIST_MAX);
    document
        .read(from, limit, LIST_BYTES_MAX)
        .whenComplete((operations, error) -> {
          if (error == null) {
            answer.done(response.addAllOperations(operations).build());
          } else {
            answer.failed(Status.UNAVAILABLE.withDescription("the log does not answer"));
          }
        });
  }
}
