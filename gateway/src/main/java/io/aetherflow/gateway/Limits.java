package io.aetherflow.gateway;

import java.time.Duration;
import java.util.Map;

/**
 * What one peer may ask of a gateway.
 *
 * @param frameBytes longest message taken from a socket; longer ones close it with 4009
 * @param queueBytes outgoing bytes a slow reader may pin; more closes its socket with 4008
 * @param documentsPerSocket attached documents, each of which costs hub state
 * @param operationsInFlight unanswered operations of one socket
 * @param messagesPerSecond sustained messages of one user at this gateway; more closes with 4029
 * @param messageBurst messages a user may send at once
 * @param sockets open sockets, against running out of memory; more are refused with 503
 * @param helloTimeout how long an unauthenticated socket may stay
 * @param authGrace how long a socket stays open after its token expired
 */
public record Limits(
    int frameBytes,
    int queueBytes,
    int documentsPerSocket,
    int operationsInFlight,
    int messagesPerSecond,
    int messageBurst,
    int sockets,
    Duration helloTimeout,
    Duration authGrace) {

  public static final Limits DEFAULTS =
      new Limits(
          256 * 1024,
          1024 * 1024,
          100,
          1024,
          500,
          1000,
          10_000,
          Duration.ofSeconds(5),
          Duration.ofSeconds(30));

  /** Defaults, with the message rate from GATEWAY_MESSAGES_PER_SECOND when that is set. */
  public static Limits fromEnvironment(Map<String, String> environment) {
    String rate = environment.getOrDefault("GATEWAY_MESSAGES_PER_SECOND", "");
    return rate.isBlank() ? DEFAULTS : DEFAULTS.withMessageRate(Integer.parseInt(rate.strip()));
  }

  public Limits withMessageRate(int perSecond) {
    return new Limits(
        frameBytes,
        queueBytes,
        documentsPerSocket,
        operationsInFlight,
        perSecond,
        2 * perSecond,
        sockets,
        helloTimeout,
        authGrace);
  }
}
