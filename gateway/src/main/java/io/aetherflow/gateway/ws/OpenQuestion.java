package io.aetherflow.gateway.ws;

import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * What a Yjs client was asked and has not answered yet, if anything. Tells {@link YjsStates} of the
 * end of a question for everything that nobody answers. On the socket's thread.
 */
final class OpenQuestion {
  /**
   * Against clients that never answer: what the answer would be compared with takes up to 6 MiB. A
   * later answer is an update like any other. Looked at when the keep-alive is sent.
   */
  static final long OPEN_NS_MAX = TimeUnit.SECONDS.toNanos(60);

  private final YjsStates states;
  private final String document;
  private final LongSupplier nowNs;
  private Optional<JoinQuestion> question = Optional.empty();
  private long sinceNs;
  private boolean ended;

  OpenQuestion(YjsStates states, String document, LongSupplier nowNs) {
    this.states = states;
    this.document = document;
    this.nowNs = nowNs;
  }

  /** What was asked before is given up; so is this after the socket's end. */
  void open(JoinQuestion asked) {
    giveUp();
    question = Optional.of(asked);
    sinceNs = nowNs.getAsLong();
    if (ended) {
      giveUp();
    }
  }

  /** For who has an answer, and tells {@link YjsStates} what became of it. */
  Optional<JoinQuestion> take() {
    Optional<JoinQuestion> taken = question;
    question = Optional.empty();
    return taken;
  }

  /** Called now and then. */
  void giveUpIfOld() {
    if (nowNs.getAsLong() - sinceNs >= OPEN_NS_MAX) {
      giveUp();
    }
  }

  /** The client sent more than a message may have, in all likelihood its answer. */
  void onTooLong() {
    take().filter(JoinQuestion::everything).ifPresent(_ -> states.onTooLong(document));
  }

  /** The socket is gone. */
  void end() {
    ended = true;
    giveUp();
  }

  private void giveUp() {
    take().filter(JoinQuestion::everything).ifPresent(_ -> states.onUseless(document));
  }
}
