package io.aetherflow.gateway.ws;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.aetherflow.api.statesync.v1.OperationDraft;
import io.aetherflow.gateway.DocumentIds;
import io.aetherflow.gateway.Json;
import io.aetherflow.gateway.OperationJson;
import io.aetherflow.gateway.hub.Subscription.From;
import java.util.Optional;
import java.util.OptionalLong;

/** Reads client messages; what it refuses, it refuses with a sentence for the client. */
final class MessageParser {
  private MessageParser() {}

  /** The message cannot be understood; the connection stays. */
  static final class BadMessage extends Exception {
    final OptionalLong id;

    BadMessage(OptionalLong id, String message) {
      super(message);
      this.id = id;
    }
  }

  static ClientMessage parse(String text) throws BadMessage {
    JsonNode node;
    try {
      node = Json.MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      throw new BadMessage(OptionalLong.empty(), "not JSON: " + e.getOriginalMessage());
    }
    if (node == null || !node.isObject()) {
      throw new BadMessage(OptionalLong.empty(), "a message is a JSON object with a field \"t\"");
    }
    JsonNode idNode = node.path("id");
    OptionalLong id =
        idNode.isIntegralNumber() && idNode.canConvertToLong()
            ? OptionalLong.of(idNode.longValue())
            : OptionalLong.empty();
    return new Fields(node, id).message();
  }

  private record Fields(JsonNode node, OptionalLong id) {
    ClientMessage message() throws BadMessage {
      String type = node.path("t").asText("");
      return switch (type) {
        case "hello" -> new ClientMessage.Hello(id, node.path("token").asText(""), resume());
        case "auth" -> new ClientMessage.Auth(id, node.path("token").asText(""));
        case "ping" -> new ClientMessage.Ping(id);
        case "attach" ->
            new ClientMessage.AttachTo(
                id,
                document(),
                new From(number("from_seq"), number("epoch"), node.path("state").asBoolean(false)));
        case "op" -> new ClientMessage.Op(id, document(), draft());
        case "lock" -> new ClientMessage.TakeLock(id, document(), lock(), number("ttl_ms"));
        case "renew" -> new ClientMessage.RenewLock(id, document(), lock(), number("token"));
        case "unlock" -> new ClientMessage.GiveLock(id, document(), lock(), number("token"));
        case "presence" -> new ClientMessage.PresenceOf(id, document(), data());
        case "detach" -> new ClientMessage.DetachFrom(id, document());
        default -> throw new BadMessage(id, "unknown type \"" + clip(type) + "\"");
      };
    }

    private Optional<ClientMessage.Resume> resume() {
      JsonNode resume = node.path("resume");
      String session = resume.isTextual() ? resume.asText() : resume.path("session").asText("");
      return session.isEmpty()
          ? Optional.empty()
          : Optional.of(new ClientMessage.Resume(session, resume.path("token").asText("")));
    }

    private String document() throws BadMessage {
      String document = node.path("doc").asText("");
      if (!DocumentIds.valid(document)) {
        throw new BadMessage(id, "\"doc\" must be " + DocumentIds.RULE);
      }
      return document;
    }

    private OperationDraft draft() throws BadMessage {
      try {
        return OperationJson.draft(node);
      } catch (IllegalArgumentException e) {
        throw new BadMessage(id, e.getMessage());
      }
    }

    private String lock() {
      return node.path("lock").asText("");
    }

    private long number(String field) throws BadMessage {
      try {
        return OperationJson.number(node, field);
      } catch (IllegalArgumentException e) {
        throw new BadMessage(id, e.getMessage());
      }
    }

    private ByteString data() throws BadMessage {
      if (!node.has("data")) {
        throw new BadMessage(id, "\"data\" is missing; it may be any JSON value");
      }
      return ByteString.copyFromUtf8(node.get("data").toString());
    }

    private static String clip(String text) {
      return text.length() <= 40 ? text : text.substring(0, 40);
    }
  }
}
