package io.aetherflow.gateway.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.aetherflow.api.statesync.v1.DocumentContent;
import io.aetherflow.api.statesync.v1.DocumentStats;
import io.aetherflow.api.statesync.v1.GetStateRequest;
import io.aetherflow.api.statesync.v1.GetStatsRequest;
import io.aetherflow.api.statesync.v1.ListConflictsRequest;
import io.aetherflow.api.statesync.v1.ListConflictsResponse;
import io.aetherflow.api.statesync.v1.Operation;
import io.aetherflow.api.statesync.v1.PutStateRequest;
import io.aetherflow.api.statesync.v1.PutStateResponse;
import io.aetherflow.api.statesync.v1.RoutingServiceGrpc;
import io.aetherflow.api.statesync.v1.SyncServiceGrpc;
import io.aetherflow.api.statesync.v1.SyncServiceGrpc.SyncServiceBlockingStub;
import io.aetherflow.gateway.OperationJson;
import io.aetherflow.gateway.auth.Right;
import io.aetherflow.gateway.hub.OwnerCalls;
import io.grpc.Channel;
import java.util.Base64;
import java.util.concurrent.TimeUnit;

/** What a document's operations amount to, and which of them are in conflict. Blocking. */
final class StateRoutes {
  private final OwnerCalls owners;

  StateRoutes(OwnerCalls owners) {
    this.owners = owners;
  }

  Reply get(ApiRequest request) {
    String id = request.documentId(Right.HISTORY);
    DocumentContent content =
        owners.call(
            id,
            (channel, millis) ->
                sync(channel, millis)
                    .getState(GetStateRequest.newBuilder().setDocument(id).build()));
    return Reply.ok(json -> {
      json.writeNumberField("seq", content.getSeq());
      json.writeNumberField("head", content.getHead());
      json.writeNumberField("epoch", content.getEpoch());
      OperationJson.data(json, "state", content.getData());
    });
  }

  Reply put(ApiRequest request) {
    String id = request.documentId(Right.WRITE);
    JsonNode body = request.body();
    PutStateRequest put =
        PutStateRequest.newBuilder()
            .setState(
                DocumentContent.newBuilder()
                    .setDocument(id)
                    .setSeq(ApiRequest.number(body, "seq"))
                    .setData(state(body)))
            .build();
    PutStateResponse response =
        owners.call(id, (channel, millis) -> sync(channel, millis).putState(put));
    return Reply.ok(json -> {
      json.writeNumberField("seq", response.getSeq());
      json.writeNumberField("first_seq", response.getFirstSeq());
    });
  }

  /** As it is told: any JSON, or bytes as base64. */
  static ByteString state(JsonNode body) {
    if (!body.has("state")) {
      throw ApiException.badRequest("\"state\" is missing; it may be any JSON value");
    }
    JsonNode state = body.get("state");
    if (!body.path("encoding").asText("").equals("base64")) {
      return ByteString.copyFromUtf8(state.toString());
    }
    try {
      return ByteString.copyFrom(Base64.getDecoder().decode(state.asText("")));
    } catch (IllegalArgumentException e) {
      throw ApiException.badRequest("\"state\" is not base64");
    }
  }

  Reply conflicts(ApiRequest request) {
    String id = request.documentId(Right.HISTORY);
    ListConflictsResponse found =
        owners.call(
            id,
            (channel, millis) ->
                sync(channel, millis)
                    .listConflicts(ListConflictsRequest.newBuilder().setDocument(id).build()));
    return Reply.ok(json -> {
      json.writeArrayFieldStart("conflicts");
      for (Operation each : found.getConflictsList()) {
        OperationJson.write(json, each);
      }
      json.writeEndArray();
    });
  }

  Reply stats(ApiRequest request) {
    String id = request.documentId(Right.READ);
    GetStatsRequest get = GetStatsRequest.newBuilder().setDocument(id).build();
    DocumentStats stats =
        owners
            .call(
                id,
                (channel, millis) ->
                    RoutingServiceGrpc.newBlockingStub(channel)
                        .withDeadlineAfter(millis, TimeUnit.MILLISECONDS)
                        .getStats(get))
            .getDocument();
    return Reply.ok(json -> {
      json.writeNumberField("epoch", stats.getEpoch());
      json.writeNumberField("head", stats.getHead());
      json.writeNumberField("first_seq", stats.getFirstSeq());
      json.writeNumberField("archived_seq", stats.getArchivedSeq());
      json.writeNumberField("archived_bytes", stats.getArchivedBytes());
      json.writeNumberField("state_seq", stats.getStateSeq());
      json.writeNumberField("clients", stats.getClients());
      json.writeNumberField("subscribers", stats.getSubscribers());
      json.writeNumberField("operations_waiting", stats.getOperationsWaiting());
      json.writeNumberField("locks", stats.getLocks());
      json.writeNumberField("conflicts", stats.getConflicts());
    });
  }

  private static SyncServiceBlockingStub sync(Channel channel, long millis) {
    return SyncServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(millis, TimeUnit.MILLISECONDS);
  }
}
