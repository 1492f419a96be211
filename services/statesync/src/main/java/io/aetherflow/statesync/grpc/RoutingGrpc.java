package io.aetherflow.statesync.grpc;

import io.aetherflow.api.statesync.v1.LocateDocumentRequest;
import io.aetherflow.api.statesync.v1.LocateDocumentResponse;
import io.aetherflow.api.statesync.v1.RoutingServiceGrpc.RoutingServiceImplBase;
import io.aetherflow.statesync.document.Refusal;
import io.aetherflow.statesync.loop.Loop;
import io.aetherflow.statesync.shard.Location;
import io.aetherflow.statesync.shard.ShardHost;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.Optional;

/** Which instance owns a document's shard. */
public final class RoutingGrpc extends RoutingServiceImplBase {
  private final ShardHost host;
  private final Loop loop;

  public RoutingGrpc(ShardHost host, Loop loop) {
    this.host = host;
    this.loop = loop;
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
    loop.execute(() -> {
      Location location = host.locate(request.getDocument());
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
    });
  }
}
