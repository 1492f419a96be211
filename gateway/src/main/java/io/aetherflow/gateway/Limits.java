package io.aetherflow.gateway;

import java.time.Duration;
import java.util.Map;

/**
 * What one peer may ask of a gateway.
 *
 * @param frameBytes longest message taken from a socket; longer ones close it with 4009
 * @param queueBytes outgoing bytes a slow reader may pin; more closes its socket with 4008
 * @param documentsPerSocket attached documents, each of which costs hub state
 * @param operationsInFlight unanswered operations of one socket; more are nacked with QUOTA
 * @param operationBytesInFlight their bytes, against a few large ones; past half of it the gateway
 *     reads no more of the socket until answers come
 * @param messagesPerSecond sustained messages of one user at this gateway; more closes with 4029
 * @param messageBurst messages a user may send at once
 * @param requestsPerSecond sustained REST requests of one user at this gateway, twice as many at
 *     once; more are answered with 429
 * @param sockets open sockets, against running out of memory; more are refused with 503
 * @param socketsPerUser open sockets of one user, against one user taking all; more close with 4029
 * @param helloTimeout how long an unauthenticated socket may stay
 * @param authGrace how long a socket stays open after its token expired
 * @param heartbeat between two pings; a peer silent for three of them is closed with 4007, against
 *     sockets whose other end is gone
 */
public record Limits(
    int frameBytes,
    int queueBytes,
    int documentsPerSocket,
    int operationsInFlight,
    int operationBytesInFlight,
    int messagesPerSecond,
    int messageBurst,
    int requestsPerSecond,
    int sockets,
    int socketsPerUser,
    Duration helloTimeout,
    Duration authGrace,
    Duration heartbeat) {
  /** Above frameBytes, so that moderately long messages close with 4009, not 1009. */
  private static final int FRAME_HEADROOM = 4;

  public static final Limits DEFAULTS =
      new Limits(
          256 * 1024,
          1024 * 1024,
          100,
          1024,
          4 * 1024 * 1024,
          500,
          1000,
          200,
          20_000,
          200,
          Duration.ofSeconds(5),
          Duration.ofSeconds(30),
          Duration.ofSeconds(20));

  /**
   * The defaults but for what GATEWAY_MESSAGES_PER_SECOND, GATEWAY_REQUESTS_PER_SECOND,
   * GATEWAY_SOCKETS and GATEWAY_SOCKETS_PER_USER say.
   *
   * @throws IllegalArgumentException naming a variable that is no positive number
   */
  public static Limits fromEnvironment(Map<String, String> environment) {
    int messages = number(environment, "GATEWAY_MESSAGES_PER_SECOND", DEFAULTS.messagesPerSecond);
    return new Limits(
        DEFAULTS.frameBytes,
        DEFAULTS.queueBytes,
        DEFAULTS.documentsPerSocket,
        DEFAULTS.operationsInFlight,
        DEFAULTS.operationBytesInFlight,
        messages,
        2 * messages,
        number(environment, "GATEWAY_REQUESTS_PER_SECOND", DEFAULTS.requestsPerSecond),
        number(environment, "GATEWAY_SOCKETS", DEFAULTS.sockets),
        number(environment, "GATEWAY_SOCKETS_PER_USER", DEFAULTS.socketsPerUser),
        DEFAULTS.helloTimeout,
        DEFAULTS.authGrace,
        DEFAULTS.heartbeat);
  }

  /** What is taken into memory of a message; a longer one closes the socket with 1009. */
  public int hardFrameBytes() {
    return FRAME_HEADROOM * frameBytes;
  }

  private static int number(Map<String, String> environment, String name, int absent) {
    String text = environment.getOrDefault(name, "").strip();
    try {
      int value = text.isEmpty() ? absent : Integer.parseInt(text);
      if (value > 0) {
        return value;
      }
    } catch (NumberFormatException e) {
      // The sentence below says what is wanted.
    }
    throw new IllegalArgumentException(name + " is '" + text + "'; it must be a positive number");
  }
}
