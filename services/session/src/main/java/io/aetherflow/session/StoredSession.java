package io.aetherflow.session;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.protobuf.Timestamp;
import io.aetherflow.api.session.v1.Session;
import java.util.Map;

/**
 * A session as etcd holds it.
 *
 * @param tokenHash SHA-256 of the resume token; the token itself is stored nowhere
 * @param expiresAtMillis expiry is a field, not a lease: thousands of leases overload etcd
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record StoredSession(
    String id,
    String user,
    String gateway,
    Map<String, String> labels,
    long createdAtMillis,
    long expiresAtMillis,
    String tokenHash) {

  private static final JsonMapper JSON = new JsonMapper();

  StoredSession {
    labels = labels == null ? Map.of() : Map.copyOf(labels);
  }

  String toJson() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a record of strings always prints", e);
    }
  }

  /**
   * @throws IllegalArgumentException when the text is not such a record
   */
  static StoredSession fromJson(String text) {
    try {
      return JSON.readValue(text, StoredSession.class);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not a session: " + e.getOriginalMessage(), e);
    }
  }

  boolean expired(long nowMillis) {
    return expiresAtMillis <= nowMillis;
  }

  StoredSession until(long millis) {
    return new StoredSession(id, user, gateway, labels, createdAtMillis, millis, tokenHash);
  }

  StoredSession labelled(Map<String, String> with) {
    return new StoredSession(id, user, gateway, with, createdAtMillis, expiresAtMillis, tokenHash);
  }

  StoredSession movedTo(String newGateway, String newTokenHash) {
    return new StoredSession(
        id, user, newGateway, labels, createdAtMillis, expiresAtMillis, newTokenHash);
  }

  Session toProto() {
    return Session.newBuilder()
        .setId(id)
        .setUser(user)
        .setGateway(gateway)
        .putAllLabels(labels)
        .setCreateTime(timestamp(createdAtMillis))
        .setExpireTime(timestamp(expiresAtMillis))
        .build();
  }

  private static Timestamp timestamp(long millis) {
    return Timestamp.newBuilder()
        .setSeconds(Math.floorDiv(millis, 1_000))
        .setNanos((int) Math.floorMod(millis, 1_000) * 1_000_000)
        .build();
  }
}
