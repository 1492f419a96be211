package io.aetherflow.gateway.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.aetherflow.gateway.DocumentIds;
import io.aetherflow.gateway.Json;
import io.aetherflow.gateway.OperationJson;
import io.aetherflow.gateway.auth.Principal;
import io.aetherflow.gateway.auth.Right;
import java.util.Map;

/** One REST request, read and authenticated. */
record ApiRequest(
    Principal principal, Map<String, String> path, Map<String, String> query, String bodyText) {

  private static final int CLIENT_ID_CHARS_MAX = 64;

  String user() {
    return principal.user();
  }

  private String documentId() {
    String id = path.get("id");
    if (!DocumentIds.valid(id)) {
      throw ApiException.badRequest("a document id is " + DocumentIds.RULE);
    }
    return id;
  }

  /** The document of the path, on which the token must grant the right. */
  String documentId(Right right) {
    String id = documentId();
    require(id, right);
    return id;
  }

  void require(String document, Right right) {
    if (!allows(document, right)) {
      throw new ApiException(
          403, "PERMISSION_DENIED", "the token does not allow to " + right.claim() + " it");
    }
  }

  boolean allows(String document, Right right) {
    return principal.grants().allows(document, right);
  }

  /** The body as an object; no body is an empty one. */
  JsonNode body() {
    if (bodyText.isBlank()) {
      return Json.MAPPER.createObjectNode();
    }
    try {
      JsonNode node = Json.MAPPER.readTree(bodyText);
      if (node.isObject()) {
        return node;
      }
    } catch (JsonProcessingException e) {
      throw ApiException.badRequest("the body is not JSON: " + e.getOriginalMessage());
    }
    throw ApiException.badRequest("the body must be a JSON object");
  }

  /** The body's client_id, made the user's own: nobody can occupy another client's numbers. */
  String clientId(JsonNode body) {
    String clientId = body.path("client_id").asText("");
    if (clientId.isEmpty() || clientId.length() > CLIENT_ID_CHARS_MAX) {
      throw ApiException.badRequest(
          "\"client_id\" must be a string of 1 to " + CLIENT_ID_CHARS_MAX + " characters");
    }
    return "rest:" + user() + ":" + clientId;
  }

  /** A number of the body that may be left out; then it is 0. */
  static long number(JsonNode body, String field) {
    try {
      return OperationJson.number(body, field);
    } catch (IllegalArgumentException e) {
      throw ApiException.badRequest(e.getMessage());
    }
  }

  long number(String name, long absent, long min, long max) {
    String text = query.get(name);
    if (text == null) {
      return absent;
    }
    try {
      long value = Long.parseLong(text);
      if (value >= min && value <= max) {
        return value;
      }
    } catch (NumberFormatException e) {
      // The sentence below says what is wanted.
    }
    throw ApiException.badRequest(name + " must be an integer from " + min + " to " + max);
  }
}
