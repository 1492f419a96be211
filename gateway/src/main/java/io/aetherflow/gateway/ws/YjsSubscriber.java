package io.aetherflow.gateway.ws;

import io.aetherflow.api.statesync.v1.Presence;
import io.aetherflow.gateway.hub.OperationsFrame;
import io.aetherflow.gateway.hub.StateFrame;
import io.aetherflow.gateway.hub.Subscriber;
import io.aetherflow.gateway.yjs.Coverage;
import io.aetherflow.gateway.yjs.MalformedException;
import io.aetherflow.gateway.yjs.YjsMessage;
import io.aetherflow.gateway.yjs.YjsOperation;
import io.aetherflow.gateway.yjs.YjsUpdate;

/** A Yjs socket as the hub sees it: stored updates first, then step 2, then the live flow. */
final class YjsSubscriber implements Subscriber {
  private final YjsSession session;
  private final String clientId;
  private final Outbound out;

  /** What the client said it has; only deletions and what lies beyond is sent on joining. */
  private final Coverage ofClient;

  private final Coverage ofLog = new Coverage();
  private long headAtJoin = Long.MAX_VALUE;
  private boolean joined;

  YjsSubscriber(YjsSession session, String clientId, Outbound out, Coverage ofClient) {
    this.session = session;
    this.clientId = clientId;
    this.out = out;
    this.ofClient = ofClient;
  }

  @Override
  public String clientId() {
    return clientId;
  }

  @Override
  public boolean writable() {
    return out.writable();
  }

  @Override
  public void attached(String document, Position position, boolean recovered) {
    headAtJoin = position.head();
    if (recovered && headAtJoin == 0) {
      join();
    }
  }

  /** A Yjs client takes what it lacks of an update, so the state is one. */
  @Override
  public void state(StateFrame frame) {
    if (frame.part() < frame.parts() - 1) {
      return;
    }
    byte[] bytes = frame.content().getData().toByteArray();
    try {
      YjsUpdate update = YjsUpdate.parse(bytes);
      if (!joined) {
        ofLog.add(update);
      }
      if (joined || !ofClient.covers(update)) {
        out.send(YjsMessage.update(bytes));
      }
    } catch (MalformedException e) {
      session.onGap(false);
      return;
    }
    if (!joined && frame.content().getSeq() >= headAtJoin) {
      join();
    }
  }

  @Override
  public void operations(OperationsFrame frame) {
    for (YjsOperation each : frame.yjs()) {
      if (joined) {
        out.send(each.message());
      } else {
        ofLog.add(each.update());
        if (!ofClient.covers(each.update())) {
          out.send(each.message());
        }
      }
    }
    if (!joined && frame.lastSeq() >= headAtJoin) {
      join();
    }
  }

  private void join() {
    joined = true;
    out.send(YjsMessage.emptySyncStep2());
    session.onJoined(ofLog);
  }

  @Override
  public void acked(String document, long clientSeq, long seq, String guuid) {
    session.onAnswered(clientSeq);
  }

  @Override
  public void nacked(String document, long clientSeq, String reason, boolean retryable) {
    session.onRefused(reason);
  }

  @Override
  public void gap(String document, long head) {
    session.onGap(joined);
  }

  @Override
  public void presence(Presence presence) {
    session.onPresence(presence);
  }
}
