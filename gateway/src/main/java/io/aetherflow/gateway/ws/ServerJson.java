package io.aetherflow.gateway.ws;

import io.aetherflow.api.statesync.v1.Lock;
import io.aetherflow.api.statesync.v1.Operation;
import io.aetherflow.api.statesync.v1.Presence;
import io.aetherflow.gateway.Json;
import io.aetherflow.gateway.Limits;
import io.aetherflow.gateway.OperationJson;
import io.aetherflow.gateway.Traced;
import io.aetherflow.gateway.hub.OperationsFrame;
import io.aetherflow.gateway.hub.StateFrame;
import io.aetherflow.gateway.hub.Subscriber.Position;
import java.util.OptionalLong;

/** The messages a server sends; docs/websocket.md describes each. */
public final class ServerJson {
  private ServerJson() {}

  static String welcome(OptionalLong id, Welcome welcome, Limits limits) {
    return message(
        "welcome",
        id,
        json -> {
          json.writeStringField("session", welcome.session());
          json.writeStringField("client_id", welcome.session());
          json.writeStringField("resume_token", welcome.resumeToken());
          json.writeBooleanField("resumed", welcome.resumed());
          json.writeStringField("user", welcome.user());
          json.writeNumberField("ttl_seconds", welcome.ttlSeconds());
          json.writeObjectFieldStart("limits");
          json.writeNumberField("frame_bytes", limits.frameBytes());
          json.writeNumberField("documents", limits.documentsPerSocket());
          json.writeNumberField("operations_in_flight", limits.operationsInFlight());
          json.writeNumberField("messages_per_second", limits.messagesPerSecond());
          json.writeEndObject();
        });
  }

  /**
   * @param ttlSeconds until the token expires
   */
  record Welcome(
      String session, String resumeToken, boolean resumed, String user, long ttlSeconds) {}

  static String pong(OptionalLong id) {
    return message("pong", id, json -> {});
  }

  static String attached(
      OptionalLong id, String document, Position position, String role, boolean recovered) {
    return message(
        "attached",
        id,
        json -> {
          json.writeStringField("doc", document);
          json.writeNumberField("epoch", position.epoch());
          json.writeNumberField("head", position.head());
          json.writeStringField("role", role);
          json.writeBooleanField("recovered", recovered);
        });
  }

  /** Operations of one document, in order. */
  public static String operations(OperationsFrame frame) {
    return message(
        "ops",
        OptionalLong.empty(),
        json -> {
          json.writeStringField("doc", frame.document());
          json.writeNumberField("epoch", frame.epoch());
          json.writeNumberField("first_seq", frame.firstSeq());
          json.writeArrayFieldStart("ops");
          for (Operation operation : frame.operations()) {
            OperationJson.write(json, operation);
          }
          json.writeEndArray();
        });
  }

  /** A part of a state: alone as it is, among several as base64 of a part of its bytes. */
  public static String state(StateFrame frame) {
    return message(
        "state",
        OptionalLong.empty(),
        json -> {
          json.writeStringField("doc", frame.content().getDocument());
          json.writeNumberField("epoch", frame.content().getEpoch());
          json.writeNumberField("seq", frame.content().getSeq());
          json.writeNumberField("part", frame.part());
          json.writeNumberField("parts", frame.parts());
          if (frame.parts() == 1) {
            OperationJson.data(json, "state", frame.data());
          } else {
            OperationJson.base64(json, "state", frame.data());
          }
        });
  }

  /**
   * @param guuid left out when empty
   */
  static String ack(String document, long clientSeq, long seq, String guuid) {
    return message(
        "ack",
        OptionalLong.empty(),
        json -> {
          json.writeStringField("doc", document);
          json.writeNumberField("client_seq", clientSeq);
          json.writeNumberField("seq", seq);
          if (!guuid.isEmpty()) {
            json.writeStringField("guuid", guuid);
          }
        });
  }

  static String nack(String document, long clientSeq, String reason, boolean retryable) {
    return message(
        "nack",
        OptionalLong.empty(),
        json -> {
          json.writeStringField("doc", document);
          json.writeNumberField("client_seq", clientSeq);
          json.writeStringField("reason", reason);
          json.writeBooleanField("retryable", retryable);
        });
  }

  static String gap(String document, long head) {
    return message(
        "gap",
        OptionalLong.empty(),
        json -> {
          json.writeStringField("doc", document);
          json.writeNumberField("head", head);
        });
  }

  static String presence(Presence presence) {
    return message(
        "presence",
        OptionalLong.empty(),
        json -> {
          json.writeStringField("doc", presence.getDocument());
          json.writeStringField("client_id", presence.getClientId());
          json.writeStringField("user", presence.getUser());
          OperationJson.data(json, "data", presence.getData());
        });
  }

  /** Answers lock and renew. */
  static String locked(OptionalLong id, String document, Lock lock) {
    return message(
        "locked",
        id,
        json -> {
          json.writeStringField("doc", document);
          json.writeStringField("lock", lock.getLock());
          json.writeNumberField("token", lock.getToken());
          json.writeNumberField("ttl_ms", lock.getTtlMillis());
        });
  }

  static String unlocked(OptionalLong id, String document, String lock) {
    return message(
        "unlocked",
        id,
        json -> {
          json.writeStringField("doc", document);
          json.writeStringField("lock", lock);
        });
  }

  static String detached(OptionalLong id, String document) {
    return message("detached", id, json -> json.writeStringField("doc", document));
  }

  static String error(OptionalLong id, String code, String text, boolean retryable) {
    return message(
        "error",
        id,
        json -> {
          json.writeStringField("code", code);
          json.writeStringField("message", text);
          if (!Traced.current().isEmpty()) {
            json.writeStringField("guuid", Traced.current());
          }
          json.writeBooleanField("retryable", retryable);
        });
  }

  static String reconnect(long afterMillis) {
    return message(
        "reconnect", OptionalLong.empty(), json -> json.writeNumberField("after_ms", afterMillis));
  }

  private static String message(String type, OptionalLong id, Json.Body body) {
    return Json.object(json -> {
      json.writeStringField("t", type);
      if (id.isPresent()) {
        json.writeNumberField("id", id.getAsLong());
      }
      body.write(json);
    });
  }
}
