package io.aetherflow.gateway.ws;

import io.aetherflow.api.statesync.v1.Operation;
import io.aetherflow.gateway.hub.OperationsFrame;
import io.aetherflow.gateway.yjs.Coverage;
import io.aetherflow.gateway.yjs.YjsState;
import io.aetherflow.gateway.yjs.YjsUpdate;
import java.util.Optional;

/** What is stored of a document, as it goes to a client that joins. On the hub's thread. */
final class YjsReplay {
  /** What the client said it has; only deletions and what lies beyond is sent. */
  private final Coverage ofClient;

  private final Coverage ofLog = new Coverage();
  private long headAtJoin = Long.MAX_VALUE;
  private long lastSeq;
  private long historyBytes;
  private boolean onlyYjs = true;

  YjsReplay(Coverage ofClient) {
    this.ofClient = ofClient;
  }

  void attached(long head) {
    headAtJoin = head;
  }

  /** Notes what is stored; true when the client lacks some of it. */
  boolean add(YjsUpdate stored) {
    ofLog.add(stored);
    return !ofClient.covers(stored);
  }

  /** Notes the state; empty when the client lacks nothing of it. */
  Optional<byte[]> add(YjsState state) {
    if (!add(state.update())) {
      return Optional.empty();
    }
    boolean onlyDeletions = ofClient.coversStructs(state.update());
    return Optional.of(onlyDeletions ? state.deletionsMessage() : state.message());
  }

  /** All operations of the frame, and those before, were added. */
  void passed(OperationsFrame frame) {
    lastSeq = frame.lastSeq();
    long updates = 0;
    for (Operation each : frame.operations()) {
      historyBytes += each.getSerializedSize();
      switch (each.getEventCase()) {
        case EVENT_NOT_SET -> updates++;
        case LOCK -> {}
        // What it says of others is in no Yjs update.
        case CONFLICT, RESOLUTION, RESTORE -> onlyYjs = false;
      }
    }
    onlyYjs &= updates == frame.yjs().size();
  }

  /** The state of the operations up to a place was added. */
  void passedState(long seq) {
    lastSeq = seq;
  }

  /** Whether the client has got all there was when it came. */
  boolean complete() {
    return lastSeq >= headAtJoin;
  }

  /** Whether there is so much history that it should give way to a state that Yjs tells whole. */
  boolean stateIsDue() {
    return onlyYjs && historyBytes >= YjsStates.DUE_BYTES;
  }

  JoinQuestion question(boolean everything) {
    return new JoinQuestion(ofLog, lastSeq, everything);
  }
}
