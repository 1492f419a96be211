package io.aetherflow.gateway.ws;

import io.aetherflow.gateway.yjs.Coverage;
import io.aetherflow.gateway.yjs.YjsMessage;
import io.aetherflow.gateway.yjs.YjsUpdate;

/**
 * What a client is asked for when it has joined. It answers after it has taken in what was sent
 * before.
 *
 * @param ofLog what the operations up to seq contain, all of which the client was sent or said it
 *     had
 * @param everything whether it is asked for all it has, to make a state of it; else for what the
 *     log lacks
 */
record JoinQuestion(Coverage ofLog, long seq, boolean everything) {
  byte[] message() {
    return YjsMessage.syncStep1(everything ? new Coverage().vector() : ofLog.vector());
  }

  /** Whether the log lacks something of the answer. */
  boolean hasNews(YjsUpdate answer) {
    return !ofLog.covers(answer);
  }

  /**
   * Whether the answer lacks nothing of the log. A Yjs client's never does; this guards the edits
   * of others against one that answers before it has taken them in.
   */
  boolean isAnsweredWholly(YjsUpdate answer) {
    Coverage ofAnswer = new Coverage();
    ofAnswer.add(answer);
    return ofAnswer.covers(ofLog);
  }

  JoinQuestion forNews() {
    return new JoinQuestion(ofLog, seq, false);
  }
}
