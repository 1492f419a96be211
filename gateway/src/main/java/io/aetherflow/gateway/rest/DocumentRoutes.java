package io.aetherflow.gateway.rest;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import io.aetherflow.api.statesync.v1.ApplyOperationsRequest;
import io.aetherflow.api.statesync.v1.ApplyOperationsResponse;
import io.aetherflow.api.statesync.v1.ConflictPolicy;
import io.aetherflow.api.statesync.v1.CreateDocumentRequest;
import io.aetherflow.api.statesync.v1.DeleteDocumentRequest;
import io.aetherflow.api.statesync.v1.Document;
import io.aetherflow.api.statesync.v1.DocumentServiceGrpc;
import io.aetherflow.api.statesync.v1.GetDocumentRequest;
import io.aetherflow.api.statesync.v1.ListDocumentsRequest;
import io.aetherflow.api.statesync.v1.ListDocumentsResponse;
import io.aetherflow.api.statesync.v1.ListOperationsRequest;
import io.aetherflow.api.statesync.v1.ListOperationsResponse;
import io.aetherflow.api.statesync.v1.Operation;
import io.aetherflow.api.statesync.v1.OperationDraft;
import io.aetherflow.api.statesync.v1.SyncServiceGrpc;
import io.aetherflow.gateway.Backends;
import io.aetherflow.gateway.DocumentIds;
import io.aetherflow.gateway.OperationJson;
import io.aetherflow.gateway.auth.Right;
import io.aetherflow.gateway.hub.OwnerCalls;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** {@code /api/v1/documents} and their operations. Blocking. */
final class DocumentRoutes {
  private static final int NAME_CHARS_MAX = 256;

  /** One request is one batch of the log; larger imports take several. */
  private static final int OPERATIONS_MAX = 100;

  private static final int PAGE_MAX = 500;
  private static final long DEADLINE_MILLIS = 5000;

  private final Backends backends;
  private final OwnerCalls owners;

  DocumentRoutes(Backends backends, OwnerCalls owners) {
    this.backends = backends;
    this.owners = owners;
  }

  Reply create(ApiRequest request) {
    JsonNode body = request.body();
    String id = body.path("id").asText("");
    String name = body.path("name").asText("");
    if (!id.isEmpty() && !DocumentIds.valid(id)) {
      throw ApiException.badRequest("\"id\" must be " + DocumentIds.RULE);
    }
    // Who leaves the id out gets any: the token must allow to write all.
    request.require(id, Right.WRITE);
    if (name.length() > NAME_CHARS_MAX) {
      throw ApiException.badRequest("\"name\" has at most " + NAME_CHARS_MAX + " characters");
    }
    Document document =
        documents()
            .createDocument(
                CreateDocumentRequest.newBuilder()
                    .setId(id)
                    .setName(name)
                    .setPolicy(policy(body.path("policy").asText("")))
                    .setUser(request.user())
                    .build());
    return Reply.created(json -> document(json, document));
  }

  Reply list(ApiRequest request) {
    ListDocumentsResponse page =
        documents()
            .listDocuments(
                ListDocumentsRequest.newBuilder()
                    .setPageSize((int) request.number("page_size", 100, 1, PAGE_MAX))
                    .setPageToken(request.query().getOrDefault("page_token", ""))
                    .build());
    return Reply.ok(json -> {
      json.writeArrayFieldStart("documents");
      for (Document each : page.getDocumentsList()) {
        if (request.allows(each.getId(), Right.READ)) {
          json.writeStartObject();
          document(json, each);
          json.writeEndObject();
        }
      }
      json.writeEndArray();
      json.writeStringField("next_page_token", page.getNextPageToken());
    });
  }

  Reply get(ApiRequest request) {
    String id = request.documentId(Right.READ);
    Document document =
        owners.call(
            id,
            (channel, millis) ->
                DocumentServiceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(millis, TimeUnit.MILLISECONDS)
                    .getDocument(GetDocumentRequest.newBuilder().setId(id).build()));
    return Reply.ok(json -> document(json, document));
  }

  Reply delete(ApiRequest request) {
    String id = request.documentId(Right.WRITE);
    owners.call(
        id,
        (channel, millis) ->
            DocumentServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(millis, TimeUnit.MILLISECONDS)
                .deleteDocument(DeleteDocumentRequest.newBuilder().setId(id).build()));
    return Reply.none();
  }

  Reply append(ApiRequest request) {
    String id = request.documentId(Right.WRITE);
    ApplyOperationsRequest apply = applyRequest(request, id);
    ApplyOperationsResponse response =
        owners.call(
            id,
            (channel, millis) ->
                SyncServiceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(millis, TimeUnit.MILLISECONDS)
                    .applyOperations(apply));
    return Reply.ok(json -> {
      json.writeArrayFieldStart("seqs");
      for (long seq : response.getSeqsList()) {
        json.writeNumber(seq);
      }
      json.writeEndArray();
      json.writeNumberField("epoch", response.getEpoch());
    });
  }

  Reply operations(ApiRequest request) {
    String id = request.documentId(Right.HISTORY);
    ListOperationsRequest list =
        ListOperationsRequest.newBuilder()
            .setDocument(id)
            .setFromSeq(request.number("from_seq", 1, 1, Long.MAX_VALUE))
            .setLimit((int) request.number("limit", 100, 1, PAGE_MAX))
            .build();
    ListOperationsResponse page =
        owners.call(
            id,
            (channel, millis) ->
                SyncServiceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(millis, TimeUnit.MILLISECONDS)
                    .listOperations(list));
    return Reply.ok(json -> {
      json.writeArrayFieldStart("operations");
      for (Operation operation : page.getOperationsList()) {
        OperationJson.write(json, operation);
      }
      json.writeEndArray();
      json.writeNumberField("head", page.getHead());
      json.writeNumberField("epoch", page.getEpoch());
    });
  }

  private static ApplyOperationsRequest applyRequest(ApiRequest request, String document) {
    JsonNode body = request.body();
    String clientId = request.clientId(body);
    JsonNode operations = body.path("operations");
    if (!operations.isArray() || operations.isEmpty() || operations.size() > OPERATIONS_MAX) {
      throw ApiException.badRequest(
          "\"operations\" must be an array of 1 to " + OPERATIONS_MAX + " operations");
    }
    ApplyOperationsRequest.Builder apply =
        ApplyOperationsRequest.newBuilder()
            .setDocument(document)
            .setClientId(clientId)
            .setUser(request.user());
    operations.forEach(each -> apply.addOperations(draft(each)));
    return apply.build();
  }

  private static OperationDraft draft(JsonNode operation) {
    try {
      return OperationJson.draft(operation);
    } catch (IllegalArgumentException e) {
      throw ApiException.badRequest(e.getMessage());
    }
  }

  private DocumentServiceGrpc.DocumentServiceBlockingStub documents() {
    return DocumentServiceGrpc.newBlockingStub(backends.stateSync())
        .withDeadlineAfter(DEADLINE_MILLIS, TimeUnit.MILLISECONDS);
  }

  private static ConflictPolicy policy(String name) {
    return switch (name) {
      case "" -> ConflictPolicy.CONFLICT_POLICY_UNSPECIFIED;
      case "reject" -> ConflictPolicy.CONFLICT_POLICY_REJECT;
      case "property_lww" -> ConflictPolicy.CONFLICT_POLICY_PROPERTY_LWW;
      case "opaque_crdt" -> ConflictPolicy.CONFLICT_POLICY_OPAQUE_CRDT;
      case "manual" -> ConflictPolicy.CONFLICT_POLICY_MANUAL;
      default ->
          throw ApiException.badRequest(
              "\"policy\" must be reject, property_lww, opaque_crdt or manual, or be left out");
    };
  }

  private static String nameOf(ConflictPolicy policy) {
    return switch (policy) {
      case CONFLICT_POLICY_REJECT -> "reject";
      case CONFLICT_POLICY_PROPERTY_LWW -> "property_lww";
      case CONFLICT_POLICY_OPAQUE_CRDT -> "opaque_crdt";
      case CONFLICT_POLICY_MANUAL -> "manual";
      case CONFLICT_POLICY_UNSPECIFIED, UNRECOGNIZED -> "";
    };
  }

  private static void document(JsonGenerator json, Document document) throws IOException {
    json.writeStringField("id", document.getId());
    json.writeStringField("name", document.getName());
    json.writeStringField("policy", nameOf(document.getPolicy()));
    json.writeStringField("create_user", document.getCreateUser());
    json.writeStringField("create_time", SessionRoutes.time(document.getCreateTime()));
    json.writeNumberField("head", document.getHead());
  }
}
