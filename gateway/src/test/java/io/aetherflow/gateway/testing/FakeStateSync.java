package io.aetherflow.gateway.testing;

import com.google.protobuf.Any;
import com.google.protobuf.Empty;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import io.aetherflow.api.statesync.v1.ApplyOperationsRequest;
import io.aetherflow.api.statesync.v1.ApplyOperationsResponse;
import io.aetherflow.api.statesync.v1.ApplyResult;
import io.aetherflow.api.statesync.v1.Attach;
import io.aetherflow.api.statesync.v1.Attached;
import io.aetherflow.api.statesync.v1.CreateDocumentRequest;
import io.aetherflow.api.statesync.v1.DeleteDocumentRequest;
import io.aetherflow.api.statesync.v1.Document;
import io.aetherflow.api.statesync.v1.DocumentContent;
import io.aetherflow.api.statesync.v1.DocumentServiceGrpc;
import io.aetherflow.api.statesync.v1.GetDocumentRequest;
import io.aetherflow.api.statesync.v1.GetStateRequest;
import io.aetherflow.api.statesync.v1.ListOperationsRequest;
import io.aetherflow.api.statesync.v1.ListOperationsResponse;
import io.aetherflow.api.statesync.v1.LocateDocumentRequest;
import io.aetherflow.api.statesync.v1.LocateDocumentResponse;
import io.aetherflow.api.statesync.v1.Moved;
import io.aetherflow.api.statesync.v1.Operation;
import io.aetherflow.api.statesync.v1.OperationBatch;
import io.aetherflow.api.statesync.v1.OperationDraft;
import io.aetherflow.api.statesync.v1.RoutingServiceGrpc;
import io.aetherflow.api.statesync.v1.SyncRequest;
import io.aetherflow.api.statesync.v1.SyncResponse;
import io.aetherflow.api.statesync.v1.SyncServiceGrpc;
import io.aetherflow.runtime.trace.Guuid;
import io.aetherflow.runtime.trace.GuuidServerInterceptor;
import io.aetherflow.runtime.trace.Tracing;
import io.grpc.Server;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** One statesync instance over a shared log; owns every document or none. */
final class FakeStateSync {
  private final FakeCluster cluster;
  private final String address;
  private final MemoryLog log;
  private final List<Stream> streams = new ArrayList<>();
  private final Map<String, Document> documents;
  private final Server server;

  /** Null while answers do not wait. */
  private List<Runnable> held;

  FakeStateSync(FakeCluster cluster, String address, MemoryLog log, Map<String, Document> documents)
      throws IOException {
    this.cluster = cluster;
    this.address = address;
    this.log = log;
    this.documents = documents;
    this.server =
        InProcessServerBuilder.forName(address)
            .addService(new Sync())
            .addService(new Documents())
            .addService(new Routing())
            .intercept(
                new GuuidServerInterceptor(
                    new Guuid(Clock.systemUTC(), new Random()), Tracing.NONE))
            .build()
            .start();
  }

  static Map<String, Document> noDocuments() {
    return new ConcurrentHashMap<>();
  }

  void kill() {
    server.shutdownNow();
  }

  synchronized void holdAnswers() {
    held = new ArrayList<>();
  }

  synchronized void awaitHeld(int answers) throws InterruptedException {
    while (held.size() < answers) {
      wait();
    }
  }

  synchronized void releaseAnswers() {
    List<Runnable> due = held == null ? List.of() : held;
    held = null;
    due.forEach(Runnable::run);
  }

  /** Tells every attached gateway that the documents went elsewhere. */
  synchronized void announceMove() {
    streams.forEach(Stream::moved);
  }

  private boolean owner() {
    return cluster.owner().equals(address);
  }

  private StatusRuntimeException notOwner() {
    return refusal(Code.FAILED_PRECONDITION, "NOT_OWNER", Map.of("address", cluster.owner()));
  }

  private StatusRuntimeException refusal(Code code, String reason, Map<String, String> metadata) {
    return StatusProto.toStatusRuntimeException(
        com.google.rpc.Status.newBuilder()
            .setCode(code.getNumber())
            .setMessage(address + " says " + reason)
            .addDetails(
                Any.pack(
                    ErrorInfo.newBuilder()
                        .setDomain("statesync.aetherflow.io")
                        .setReason(reason)
                        .putAllMetadata(metadata)
                        .build()))
            .build());
  }

  private synchronized List<Long> append(ApplyOperationsRequest request) {
    long before = log.head(request.getDocument());
    List<Long> seqs = log.append(request);
    List<Operation> fresh = log.read(request.getDocument(), before + 1, Integer.MAX_VALUE);
    if (cluster.breakAfterCommit()) {
      kill();
      return seqs;
    }
    if (!fresh.isEmpty()) {
      streams.forEach(stream -> stream.live(request.getDocument(), fresh));
    }
    return seqs;
  }

  private final class Stream implements StreamObserver<SyncRequest> {
    private final StreamObserver<SyncResponse> out;
    private final Set<String> attached = new HashSet<>();

    Stream(StreamObserver<SyncResponse> out) {
      this.out = out;
    }

    void live(String document, List<Operation> operations) {
      if (attached.contains(document)) {
        send(
            SyncResponse.newBuilder()
                .setOperations(
                    OperationBatch.newBuilder()
                        .setDocument(document)
                        .setEpoch(cluster.epoch())
                        .setFirstSeq(operations.getFirst().getSeq())
                        .addAllOperations(operations)));
      }
    }

    void moved() {
      attached.forEach(document ->
          send(
              SyncResponse.newBuilder()
                  .setMoved(
                      Moved.newBuilder()
                          .setDocument(document)
                          .setOwner(cluster.owner())
                          .setAddress(cluster.owner()))));
      attached.clear();
    }

    @Override
    public void onNext(SyncRequest request) {
      synchronized (FakeStateSync.this) {
        switch (request.getKindCase()) {
          case ATTACH -> attach(request.getAttach());
          case DETACH -> attached.remove(request.getDetach().getDocument());
          case APPLY -> apply(request.getApply());
          case PRESENCE ->
              streams.forEach(stream ->
                  stream.send(SyncResponse.newBuilder().setPresence(request.getPresence())));
          case KIND_NOT_SET -> throw new AssertionError("empty request");
        }
      }
    }

    private void attach(Attach attach) {
      String document = attach.getDocument();
      if (!owner()) {
        send(
            SyncResponse.newBuilder()
                .setMoved(Moved.newBuilder().setDocument(document).setAddress(cluster.owner())));
        return;
      }
      attached.add(document);
      send(
          SyncResponse.newBuilder()
              .setAttached(
                  Attached.newBuilder()
                      .setDocument(document)
                      .setHead(log.head(document))
                      .setEpoch(cluster.epoch())
                      .setRecovered(true)));
      if (attach.getFromSeq() > 0) {
        List<Operation> missed = log.read(document, attach.getFromSeq(), Integer.MAX_VALUE);
        if (!missed.isEmpty()) {
          live(document, missed);
        }
      }
    }

    private void apply(ApplyOperationsRequest request) {
      cluster.operationGuuids().add(request.getGuuid());
      ApplyResult.Builder result =
          ApplyResult.newBuilder()
              .setDocument(request.getDocument())
              .setClientId(request.getClientId());
      List<Long> seqs = owner() ? append(request) : List.of();
      for (int i = 0; i < request.getOperationsCount(); i++) {
        OperationDraft draft = request.getOperations(i);
        ApplyResult.Outcome.Builder outcome =
            ApplyResult.Outcome.newBuilder().setClientSeq(draft.getClientSeq());
        if (seqs.isEmpty()) {
          outcome.setReason("NOT_OWNER").setRetryable(true);
        } else {
          outcome.setSeq(seqs.get(i));
        }
        result.addOutcomes(outcome);
      }
      if (held == null) {
        send(SyncResponse.newBuilder().setResult(result));
      } else {
        held.add(() -> send(SyncResponse.newBuilder().setResult(result)));
        FakeStateSync.this.notifyAll();
      }
    }

    private void send(SyncResponse.Builder response) {
      try {
        out.onNext(response.build());
      } catch (IllegalStateException | StatusRuntimeException e) {
        attached.clear();
      }
    }

    @Override
    public void onError(Throwable failure) {
      forget();
    }

    @Override
    public void onCompleted() {
      forget();
      out.onCompleted();
    }

    private void forget() {
      synchronized (FakeStateSync.this) {
        streams.remove(this);
      }
    }
  }

  private final class Sync extends SyncServiceGrpc.SyncServiceImplBase {
    @Override
    public StreamObserver<SyncRequest> sync(StreamObserver<SyncResponse> out) {
      Stream stream = new Stream(out);
      synchronized (FakeStateSync.this) {
        streams.add(stream);
      }
      return stream;
    }

    @Override
    public void applyOperations(
        ApplyOperationsRequest request, StreamObserver<ApplyOperationsResponse> out) {
      if (!owner()) {
        out.onError(notOwner());
        return;
      }
      out.onNext(
          ApplyOperationsResponse.newBuilder()
              .addAllSeqs(append(request))
              .setEpoch(cluster.epoch())
              .build());
      out.onCompleted();
    }

    @Override
    public void getState(GetStateRequest request, StreamObserver<DocumentContent> out) {
      out.onError(owner() ? refusal(Code.NOT_FOUND, "NOT_FOUND", Map.of()) : notOwner());
    }

    @Override
    public void listOperations(
        ListOperationsRequest request, StreamObserver<ListOperationsResponse> out) {
      if (!owner()) {
        out.onError(notOwner());
        return;
      }
      out.onNext(
          ListOperationsResponse.newBuilder()
              .addAllOperations(
                  log.read(request.getDocument(), request.getFromSeq(), request.getLimit()))
              .setHead(log.head(request.getDocument()))
              .setEpoch(cluster.epoch())
              .build());
      out.onCompleted();
    }
  }

  private final class Documents extends DocumentServiceGrpc.DocumentServiceImplBase {
    @Override
    public void createDocument(CreateDocumentRequest request, StreamObserver<Document> out) {
      Document document =
          Document.newBuilder()
              .setId(request.getId())
              .setName(request.getName())
              .setPolicy(request.getPolicy())
              .setCreateUser(request.getUser())
              .build();
      if (documents.putIfAbsent(request.getId(), document) != null) {
        out.onError(io.grpc.Status.ALREADY_EXISTS.withDescription("taken").asRuntimeException());
        return;
      }
      out.onNext(document);
      out.onCompleted();
    }

    @Override
    public void getDocument(GetDocumentRequest request, StreamObserver<Document> out) {
      Document document = documents.get(request.getId());
      if (document == null) {
        out.onError(io.grpc.Status.NOT_FOUND.withDescription("no document").asRuntimeException());
        return;
      }
      out.onNext(document.toBuilder().setHead(log.head(request.getId())).build());
      out.onCompleted();
    }

    @Override
    public void deleteDocument(DeleteDocumentRequest request, StreamObserver<Empty> out) {
      documents.remove(request.getId());
      out.onNext(Empty.getDefaultInstance());
      out.onCompleted();
    }
  }

  private final class Routing extends RoutingServiceGrpc.RoutingServiceImplBase {
    @Override
    public void locateDocument(
        LocateDocumentRequest request, StreamObserver<LocateDocumentResponse> out) {
      cluster.locateGuuids().add(Guuid.CURRENT.get());
      out.onNext(
          LocateDocumentResponse.newBuilder()
              .setOwner(cluster.owner())
              .setAddress(cluster.owner())
              .setEpoch(cluster.epoch())
              .build());
      out.onCompleted();
    }
  }
}
