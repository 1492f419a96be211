package io.aetherflow.gateway.session;

import java.util.function.Consumer;

/** How sockets open and end sessions. Answers arrive on any thread. */
public interface SessionGateway {
  /** Opens a session for the user. */
  void create(String user, Consumer<Result> answer);

  /** Takes an existing session over; refused when it is not the user's. */
  void resume(String user, String session, String token, Consumer<Result> answer);

  /** Ends the session; failures are logged, for the session expires anyway. */
  void end(String session);

  /** What became of a create or resume. */
  sealed interface Result {
    record Opened(String session, String resumeToken) implements Result {}

    /** No such session, or not with this token. */
    record Refused() implements Result {}

    /** The session service does not answer. */
    record Unavailable(String why) implements Result {}
  }
}
