package io.aetherflow.gateway;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.aetherflow.api.statesync.v1.LockEvent;
import io.aetherflow.api.statesync.v1.LockToken;
import io.aetherflow.api.statesync.v1.Operation;
import io.aetherflow.api.statesync.v1.OperationDraft;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;

/** Operations as JSON, the same over WebSocket and REST. */
public final class OperationJson {
  private OperationJson() {}

  /**
   * Reads what a client sends: client_seq, base_seq?, data, locks?, resolves_seq?.
   *
   * @throws IllegalArgumentException with a sentence for the client
   */
  public static OperationDraft draft(JsonNode node) {
    long clientSeq = number(node, "client_seq");
    if (clientSeq < 1) {
      throw new IllegalArgumentException("\"client_seq\" must be an integer of at least 1");
    }
    OperationDraft.Builder draft =
        OperationDraft.newBuilder()
            .setClientSeq(clientSeq)
            .setBaseSeq(number(node, "base_seq"))
            .setResolvesSeq(number(node, "resolves_seq"));
    if (node.has("data")) {
      draft.setData(ByteString.copyFromUtf8(node.get("data").toString()));
    } else if (draft.getResolvesSeq() == 0) {
      throw new IllegalArgumentException("\"data\" is missing; it may be any JSON value");
    }
    return draft.addAllLocks(locks(node)).build();
  }

  /**
   * The locks that must be held: {@code "locks": [{"lock": name, "token": n}, ...]}; may be left
   * out.
   *
   * @throws IllegalArgumentException with a sentence for the client
   */
  public static List<LockToken> locks(JsonNode node) {
    List<LockToken> locks = new ArrayList<>();
    for (JsonNode lock : node.path("locks")) {
      locks.add(
          LockToken.newBuilder()
              .setLock(lock.path("lock").asText(""))
              .setToken(number(lock, "token"))
              .build());
    }
    return locks;
  }

  /**
   * A number that may be left out; then it is 0.
   *
   * @throws IllegalArgumentException with a sentence for the client
   */
  public static long number(JsonNode node, String field) {
    JsonNode value = node.path(field);
    if (value.isMissingNode() || value.isNull()) {
      return 0;
    }
    if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < 0) {
      throw new IllegalArgumentException("\"" + field + "\" must be an integer of at least 0");
    }
    return value.longValue();
  }

  /** One operation as an object. */
  public static void write(JsonGenerator json, Operation operation) throws IOException {
    json.writeStartObject();
    json.writeNumberField("seq", operation.getSeq());
    json.writeStringField("client_id", operation.getClientId());
    json.writeNumberField("client_seq", operation.getClientSeq());
    json.writeStringField("user", operation.getUser());
    event(json, operation);
    if (!operation.getData().isEmpty() || !operation.hasLock() && !operation.hasResolution()) {
      data(json, "data", operation.getData());
    }
    json.writeEndObject();
  }

  private static void event(JsonGenerator json, Operation operation) throws IOException {
    switch (operation.getEventCase()) {
      case CONFLICT -> {
        json.writeObjectFieldStart("conflict");
        json.writeNumberField("base_seq", operation.getConflict().getBaseSeq());
        json.writeNumberField("head_seq", operation.getConflict().getHeadSeq());
        json.writeEndObject();
      }
      case RESOLUTION -> json.writeNumberField("resolves_seq", operation.getResolution().getSeq());
      case LOCK -> lock(json, operation.getLock());
      case RESTORE -> {
        json.writeObjectFieldStart("restores");
        json.writeStringField("version", operation.getRestore().getVersion());
        json.writeNumberField("seq", operation.getRestore().getSeq());
        json.writeEndObject();
      }
      case EVENT_NOT_SET -> {}
    }
  }

  private static void lock(JsonGenerator json, LockEvent event) throws IOException {
    json.writeObjectFieldStart("lock");
    json.writeStringField("lock", event.getLock());
    json.writeNumberField("token", event.getToken());
    json.writeStringField("client_id", event.getClientId());
    json.writeStringField("kind", event.getKind().name().toLowerCase(Locale.ROOT));
    json.writeEndObject();
  }

  /** Bytes that are no JSON (written by a gRPC client) travel as base64 and are marked. */
  public static void data(JsonGenerator json, String field, ByteString data) throws IOException {
    String text = data.toStringUtf8();
    if (data.isValidUtf8() && Json.isValue(text)) {
      json.writeFieldName(field);
      json.writeRawValue(text);
    } else {
      base64(json, field, data);
    }
  }

  /** Bytes as base64, marked as such. */
  public static void base64(JsonGenerator json, String field, ByteString data) throws IOException {
    json.writeStringField(field, Base64.getEncoder().encodeToString(data.toByteArray()));
    json.writeStringField("encoding", "base64");
  }
}
