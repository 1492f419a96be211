package io.aetherflow.statesync.grpc;

import com.google.protobuf.Empty;
import io.aetherflow.api.statesync.v1.ApplyOperationsResponse;
import io.aetherflow.api.statesync.v1.CreateDocumentRequest;
import io.aetherflow.api.statesync.v1.CreateVersionRequest;
import io.aetherflow.api.statesync.v1.DeleteDocumentRequest;
import io.aetherflow.api.statesync.v1.DeleteVersionRequest;
import io.aetherflow.api.statesync.v1.Document;
import io.aetherflow.api.statesync.v1.DocumentServiceGrpc;
import io.aetherflow.api.statesync.v1.DocumentServiceGrpc.DocumentServiceImplBase;
import io.aetherflow.api.statesync.v1.GetDocumentRequest;
import io.aetherflow.api.statesync.v1.GetVersionRequest;
import io.aetherflow.api.statesync.v1.ListDocumentsRequest;
import io.aetherflow.api.statesync.v1.ListDocumentsResponse;
import io.aetherflow.api.statesync.v1.ListVersionsRequest;
import io.aetherflow.api.statesync.v1.ListVersionsResponse;
import io.aetherflow.api.statesync.v1.RestoreVersionRequest;
import io.aetherflow.api.statesync.v1.Version;
import io.aetherflow.api.statesync.v1.VersionContent;
import io.aetherflow.statesync.document.DocumentState;
import io.aetherflow.statesync.document.DocumentStore;
import io.aetherflow.statesync.document.Refusal;
import io.aetherflow.statesync.loop.Loop;
import io.aetherflow.statesync.shard.Location;
import io.aetherflow.statesync.shard.ShardHost;
import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * Documents by name. Only the owner of a document writes its description; creation is passed on to
 * it, for the caller of a new document cannot know it.
 */
public final class DocumentGrpc extends DocumentServiceImplBase {
  private static final long FORWARD_MILLIS = 3_000;
  private static final int PAGE_DEFAULT = 100;

  private final OwnerGate calls;
  private final ShardHost host;
  private final Loop loop;
  private final DocumentStore store;
  private final Function<String, Channel> peers;

  /**
   * @param proven whether this instance may still believe that it owns its shards
   * @param peers the channel to an instance's address
   */
  public DocumentGrpc(
      ShardHost host,
      Loop loop,
      DocumentStore store,
      BooleanSupplier proven,
      Function<String, Channel> peers) {
    this.calls = new OwnerGate(host, loop, proven);
    this.host = host;
    this.loop = loop;
    this.store = store;
    this.peers = peers;
  }

  @Override
  public void createDocument(CreateDocumentRequest asked, StreamObserver<Document> observer) {
    Answer<Document> answer = new Answer<>(observer);
    CreateDocumentRequest request =
        asked.getId().isEmpty()
            ? asked.toBuilder().setId(UUID.randomUUID().toString()).build()
            : asked;
    Optional<Refusal> invalid =
        Requests.document(request.getId())
            .or(() -> Requests.text("name", request.getName()))
            .or(() -> Requests.text("user", request.getUser()));
    if (invalid.isPresent()) {
      answer.refused(invalid.get());
      return;
    }
    boolean forwarded = Forwarded.current();
    Context call = Context.current();
    loop.execute(() ->
        host.with(
            request.getId(),
            document -> document.create(described(request), answer::give),
            location -> {
              if (forwarded || location.owner().isEmpty()) {
                answer.refused(Errors.notOwner(request.getId(), location));
              } else {
                forward(request, location, call, answer);
              }
            }));
  }

  private static Document described(CreateDocumentRequest request) {
    return Document.newBuilder()
        .setId(request.getId())
        .setName(request.getName())
        .setPolicy(request.getPolicy())
        .setCreateUser(request.getUser())
        .build();
  }

  /**
   * @param call whose GUUID and end the other has too
   */
  private void forward(
      CreateDocumentRequest request, Location location, Context call, Answer<Document> answer) {
    Thread.ofVirtual()
        .name("forward")
        .start(
            call.wrap(() -> {
              try {
                answer.done(
                    DocumentServiceGrpc.newBlockingStub(
                            Forwarded.mark(peers.apply(location.address())))
                        .withDeadlineAfter(FORWARD_MILLIS, TimeUnit.MILLISECONDS)
                        .createDocument(request));
              } catch (StatusRuntimeException e) {
                answer.failed(e);
              }
            }));
  }

  @Override
  public void getDocument(GetDocumentRequest request, StreamObserver<Document> observer) {
    Answer<Document> answer = new Answer<>(observer);
    calls.of(request.getId(), Requests.none(), answer, document -> document.get(answer::give));
  }

  @Override
  public void deleteDocument(DeleteDocumentRequest request, StreamObserver<Empty> observer) {
    Answer<Empty> answer = new Answer<>(observer);
    calls.of(
        request.getId(),
        Requests.none(),
        answer,
        document ->
            document.delete(
                outcome -> answer.give(outcome, deleted -> Empty.getDefaultInstance())));
  }

  @Override
  public void createVersion(CreateVersionRequest request, StreamObserver<Version> observer) {
    calls.of(
        request.getDocument(),
        Requests.version(request.getName())
            .or(() -> Requests.text("user", request.getUser()))
            .or(() -> Requests.text("request_id", request.getRequestId())),
        new Answer<>(observer),
        DocumentState::createVersion,
        request);
  }

  @Override
  public void listVersions(
      ListVersionsRequest request, StreamObserver<ListVersionsResponse> observer) {
    Answer<ListVersionsResponse> answer = new Answer<>(observer);
    calls.read(
        request.getDocument(),
        answer,
        document ->
            document.versions(outcome ->
                answer.give(
                    outcome,
                    found -> ListVersionsResponse.newBuilder().addAllVersions(found).build())));
  }

  @Override
  public void getVersion(GetVersionRequest request, StreamObserver<VersionContent> observer) {
    Answer<VersionContent> answer = new Answer<>(observer);
    calls.read(
        request.getDocument(),
        answer,
        document -> document.version(request.getName(), answer::give));
  }

  @Override
  public void deleteVersion(DeleteVersionRequest request, StreamObserver<Empty> observer) {
    Answer<Empty> answer = new Answer<>(observer);
    calls.of(
        request.getDocument(),
        Requests.version(request.getName()),
        answer,
        document ->
            document.deleteVersion(
                request.getName(),
                outcome -> answer.give(outcome, deleted -> Empty.getDefaultInstance())));
  }

  @Override
  public void restoreVersion(
      RestoreVersionRequest request, StreamObserver<ApplyOperationsResponse> observer) {
    calls.of(
        request.getDocument(),
        Requests.restore(request),
        new Answer<>(observer),
        DocumentState::restoreVersion,
        request);
  }

  @Override
  public void listDocuments(
      ListDocumentsRequest request, StreamObserver<ListDocumentsResponse> observer) {
    Answer<ListDocumentsResponse> answer = new Answer<>(observer);
    Optional<String> from;
    try {
      from =
          request.getPageToken().isEmpty()
              ? Optional.empty()
              : Optional.of(
                  new String(
                      Base64.getUrlDecoder().decode(request.getPageToken()),
                      StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      answer.failed(Status.INVALID_ARGUMENT.withDescription("page_token is not ours"));
      return;
    }
    int size = request.getPageSize() == 0 ? PAGE_DEFAULT : request.getPageSize();
    store
        .page(from, size)
        .whenComplete((page, error) -> {
          if (error != null) {
            answer.failed(Status.UNAVAILABLE.withDescription("the document store does not answer"));
            return;
          }
          ListDocumentsResponse.Builder response =
              ListDocumentsResponse.newBuilder().addAllDocuments(page.documents());
          page.next().map(DocumentGrpc::token).ifPresent(response::setNextPageToken);
          answer.done(response.build());
        });
  }

  private static String token(String from) {
    return Base64.getUrlEncoder().encodeToString(from.getBytes(StandardCharsets.UTF_8));
  }
}
