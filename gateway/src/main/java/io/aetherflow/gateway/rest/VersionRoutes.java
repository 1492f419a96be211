package io.aetherflow.gateway.rest;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import io.aetherflow.api.statesync.v1.ApplyOperationsResponse;
import io.aetherflow.api.statesync.v1.CreateVersionRequest;
import io.aetherflow.api.statesync.v1.DeleteVersionRequest;
import io.aetherflow.api.statesync.v1.DocumentServiceGrpc;
import io.aetherflow.api.statesync.v1.DocumentServiceGrpc.DocumentServiceBlockingStub;
import io.aetherflow.api.statesync.v1.GetVersionRequest;
import io.aetherflow.api.statesync.v1.ListVersionsRequest;
import io.aetherflow.api.statesync.v1.ListVersionsResponse;
import io.aetherflow.api.statesync.v1.RestoreVersionRequest;
import io.aetherflow.api.statesync.v1.Version;
import io.aetherflow.api.statesync.v1.VersionContent;
import io.aetherflow.gateway.OperationJson;
import io.aetherflow.gateway.auth.Right;
import io.aetherflow.gateway.hub.OwnerCalls;
import java.io.IOException;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** {@code /api/v1/documents/{id}/versions}. Blocking. */
final class VersionRoutes {
  private final OwnerCalls owners;

  VersionRoutes(OwnerCalls owners) {
    this.owners = owners;
  }

  /** Of a property_lww document the owner knows the content itself. */
  Reply create(ApiRequest request) {
    String id = request.documentId(Right.WRITE);
    JsonNode body = request.body();
    CreateVersionRequest.Builder create =
        CreateVersionRequest.newBuilder()
            .setDocument(id)
            .setName(body.path("name").asText(""))
            .setUser(request.user())
            .setSeq(ApiRequest.number(body, "seq"))
            // Without the client's own, our own repetitions at least are known.
            .setRequestId(body.path("request_id").asText(UUID.randomUUID().toString()));
    if (body.has("state")) {
      create.setData(StateRoutes.state(body));
    }
    Version version = call(id, stub -> stub.createVersion(create.build()));
    return Reply.created(json -> version(json, version));
  }

  Reply list(ApiRequest request) {
    String id = request.documentId(Right.HISTORY);
    ListVersionsResponse found =
        call(
            id,
            stub -> stub.listVersions(ListVersionsRequest.newBuilder().setDocument(id).build()));
    return Reply.ok(json -> {
      json.writeArrayFieldStart("versions");
      for (Version each : found.getVersionsList()) {
        json.writeStartObject();
        version(json, each);
        json.writeEndObject();
      }
      json.writeEndArray();
    });
  }

  Reply get(ApiRequest request) {
    String id = request.documentId(Right.HISTORY);
    GetVersionRequest get =
        GetVersionRequest.newBuilder().setDocument(id).setName(name(request)).build();
    VersionContent found = call(id, stub -> stub.getVersion(get));
    return Reply.ok(json -> {
      version(json, found.getVersion());
      OperationJson.data(json, "state", found.getData());
    });
  }

  Reply delete(ApiRequest request) {
    String id = request.documentId(Right.WRITE);
    DeleteVersionRequest delete =
        DeleteVersionRequest.newBuilder().setDocument(id).setName(name(request)).build();
    call(id, stub -> stub.deleteVersion(delete));
    return Reply.none();
  }

  Reply restore(ApiRequest request) {
    String id = request.documentId(Right.WRITE);
    JsonNode body = request.body();
    RestoreVersionRequest restore =
        RestoreVersionRequest.newBuilder()
            .setDocument(id)
            .setName(name(request))
            .setClientId(request.clientId(body))
            .setClientSeq(ApiRequest.number(body, "client_seq"))
            .setUser(request.user())
            .addAllLocks(OperationJson.locks(body))
            .build();
    ApplyOperationsResponse response = call(id, stub -> stub.restoreVersion(restore));
    return Reply.ok(json -> {
      json.writeArrayFieldStart("seqs");
      for (long seq : response.getSeqsList()) {
        json.writeNumber(seq);
      }
      json.writeEndArray();
      json.writeNumberField("epoch", response.getEpoch());
    });
  }

  private static String name(ApiRequest request) {
    return request.path().get("version");
  }

  private <T> T call(String document, Function<DocumentServiceBlockingStub, T> work) {
    return owners.call(
        document,
        (channel, millis) ->
            work.apply(
                DocumentServiceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(millis, TimeUnit.MILLISECONDS)));
  }

  private static void version(JsonGenerator json, Version version) throws IOException {
    json.writeStringField("name", version.getName());
    json.writeNumberField("seq", version.getSeq());
    json.writeStringField("user", version.getUser());
    json.writeStringField("create_time", SessionRoutes.time(version.getCreateTime()));
    json.writeNumberField("bytes", version.getBytes());
  }
}
