package io.aetherflow.session;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.protobuf.Timestamp;
import io.aetherflow.api.session.v1.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A session as etcd holds it.
 *
 * @param tokenHash SHA-256 of the newest resume token; the tokens themselves are stored nowhere
 * @param earlierTokenHashes of tokens that still hold, oldest first: an answer may have been lost
 *     with the token it brought, so the one before holds until one of those that it brought is
 *     used; then that one alone holds, so of two who use copies of a token one is refused
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
    String tokenHash,
    List<String> earlierTokenHashes) {

  /** Bounds what answers that are lost in a row leave behind. */
  static final int TOKENS_MAX = 4;

  private static final JsonMapper JSON = new JsonMapper();

  StoredSession {
    labels = labels == null ? Map.of() : Map.copyOf(labels);
    earlierTokenHashes = earlierTokenHashes == null ? List.of() : List.copyOf(earlierTokenHashes);
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

  boolean accepts(String token) {
    return tokenHashes().anyMatch(hash -> ResumeTokens.matches(token, hash));
  }

  /** Oldest first. */
  private Stream<String> tokenHashes() {
    return Stream.concat(earlierTokenHashes.stream(), Stream.of(tokenHash));
  }

  StoredSession until(long millis) {
    return with(gateway, labels, millis, tokenHash, earlierTokenHashes);
  }

  StoredSession labelled(Map<String, String> labelled) {
    return with(gateway, labelled, expiresAtMillis, tokenHash, earlierTokenHashes);
  }

  /** Issues a further token; those that hold remain so. */
  StoredSession movedTo(String newGateway, String newTokenHash) {
    return issued(newGateway, newTokenHash, tokenHashes().toList());
  }

  /**
   * As {@link #movedTo}. Whoever uses another token than the oldest has had the answer that brought
   * it, and needs none of the others.
   */
  StoredSession resumedWith(String token, String newGateway, String newTokenHash) {
    List<String> holding = tokenHashes().toList();
    boolean oldest = ResumeTokens.matches(token, holding.getFirst());
    return issued(
        newGateway,
        newTokenHash,
        oldest
            ? holding
            : holding.stream().filter(hash -> ResumeTokens.matches(token, hash)).toList());
  }

  private StoredSession issued(String newGateway, String newTokenHash, List<String> holding) {
    // The one that was used is certainly known to the client; of those issued since, the latest.
    List<String> kept = new ArrayList<>(holding);
    while (kept.size() > TOKENS_MAX - 1) {
      kept.remove(1);
    }
    return with(newGateway, labels, expiresAtMillis, newTokenHash, kept);
  }

  private StoredSession with(
      String newGateway,
      Map<String, String> newLabels,
      long newExpiresAtMillis,
      String newTokenHash,
      List<String> newEarlierTokenHashes) {
    return new StoredSession(
        id,
        user,
        newGateway,
        newLabels,
        createdAtMillis,
        newExpiresAtMillis,
        newTokenHash,
        newEarlierTokenHashes);
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
