package io.aetherflow.gateway.rest;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.Timestamp;
import io.aetherflow.api.session.v1.CreateSessionRequest;
import io.aetherflow.api.session.v1.CreateSessionResponse;
import io.aetherflow.api.session.v1.DeleteSessionRequest;
import io.aetherflow.api.session.v1.GetSessionRequest;
import io.aetherflow.api.session.v1.ListSessionsRequest;
import io.aetherflow.api.session.v1.ListSessionsResponse;
import io.aetherflow.api.session.v1.Session;
import io.aetherflow.api.session.v1.SessionServiceGrpc;
import io.aetherflow.gateway.Backends;
import io.aetherflow.gateway.RequestId;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** {@code /api/v1/sessions}: a user sees and ends own sessions only. Blocking. */
final class SessionRoutes {
  /** Labels are stored with every session. */
  private static final int LABELS_MAX = 16;

  private static final int LABEL_CHARS_MAX = 256;
  private static final int PAGE_MAX = 500;
  private static final long DEADLINE_MILLIS = 5000;

  private final Backends backends;
  private final String gateway;

  SessionRoutes(Backends backends, String gateway) {
    this.backends = backends;
    this.gateway = gateway;
  }

  Reply create(ApiRequest request) {
    CreateSessionRequest.Builder create =
        CreateSessionRequest.newBuilder()
            .setUser(request.user())
            .setGateway(gateway)
            .setRequestId(RequestId.create().toString());
    JsonNode labels = request.body().path("labels");
    if (labels.size() > LABELS_MAX) {
      throw ApiException.badRequest("a session has at most " + LABELS_MAX + " labels");
    }
    for (Map.Entry<String, JsonNode> label : labels.properties()) {
      String value = label.getValue().asText("");
      if (label.getKey().length() + value.length() > LABEL_CHARS_MAX) {
        throw ApiException.badRequest("a label has at most " + LABEL_CHARS_MAX + " characters");
      }
      create.putLabels(label.getKey(), value);
    }
    CreateSessionResponse response = stub().createSession(create.build());
    return Reply.created(json -> {
      session(json, response.getSession());
      json.writeStringField("resume_token", response.getResumeToken());
    });
  }

  Reply list(ApiRequest request) {
    ListSessionsResponse page =
        stub()
            .listSessions(
                ListSessionsRequest.newBuilder()
                    .setUser(request.user())
                    .setPageSize((int) request.number("page_size", 100, 1, PAGE_MAX))
                    .setPageToken(request.query().getOrDefault("page_token", ""))
                    .build());
    return Reply.ok(json -> {
      json.writeArrayFieldStart("sessions");
      for (Session each : page.getSessionsList()) {
        json.writeStartObject();
        session(json, each);
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeStringField("next_page_token", page.getNextPageToken());
    });
  }

  Reply get(ApiRequest request) {
    Session session = own(request);
    return Reply.ok(json -> session(json, session));
  }

  Reply delete(ApiRequest request) {
    Session session = own(request);
    stub()
        .deleteSession(
            DeleteSessionRequest.newBuilder()
                .setId(session.getId())
                .setReason("ended by its user")
                .build());
    return Reply.none();
  }

  /** Another user's session does not exist for this one. */
  private Session own(ApiRequest request) {
    String id = request.path().get("id");
    Session session = stub().getSession(GetSessionRequest.newBuilder().setId(id).build());
    if (!session.getUser().equals(request.user())) {
      throw ApiException.notFound("session " + id);
    }
    return session;
  }

  private SessionServiceGrpc.SessionServiceBlockingStub stub() {
    return SessionServiceGrpc.newBlockingStub(backends.sessionService())
        .withDeadlineAfter(DEADLINE_MILLIS, TimeUnit.MILLISECONDS);
  }

  private static void session(JsonGenerator json, Session session) throws IOException {
    json.writeStringField("id", session.getId());
    json.writeStringField("user", session.getUser());
    json.writeStringField("gateway", session.getGateway());
    json.writeObjectFieldStart("labels");
    for (Map.Entry<String, String> label : session.getLabelsMap().entrySet()) {
      json.writeStringField(label.getKey(), label.getValue());
    }
    json.writeEndObject();
    json.writeStringField("create_time", time(session.getCreateTime()));
    json.writeStringField("expire_time", time(session.getExpireTime()));
  }

  static String time(Timestamp time) {
    return Instant.ofEpochSecond(time.getSeconds(), time.getNanos()).toString();
  }
}
