package io.aetherflow.gateway.ws;

import io.aetherflow.api.statesync.v1.Presence;
import io.aetherflow.gateway.hub.OperationsFrame;
import io.aetherflow.gateway.hub.StateFrame;
import io.aetherflow.gateway.hub.Subscriber;
import io.aetherflow.gateway.yjs.Coverage;
import io.aetherflow.gateway.yjs.YjsMessage;
import io.aetherflow.gateway.yjs.YjsOperation;
import io.aetherflow.gateway.yjs.YjsState;
import java.util.Optional;

/** A Yjs socket as the hub sees it: stored updates first, then step 2, then the live flow. */
final class YjsSubscriber implements Subscriber {
  private final YjsSession session;
  private final String clientId;
  private final Outbound out;

  /** Null once the client has joined. */
  private YjsReplay replay;

  YjsSubscriber(YjsSession session, String clientId, Outbound out, Coverage ofClient) {
    this.session = session;
    this.clientId = clientId;
    this.out = out;
    this.replay = new YjsReplay(ofClient);
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
    if (replay == null) {
      return;
    }
    replay.attached(position.head());
    if (recovered && position.head() == 0) {
      join();
    }
  }

  /** A Yjs client takes what it lacks of an update, so the state is one. */
  @Override
  public void state(StateFrame frame) {
    if (frame.part() < frame.parts() - 1) {
      return;
    }
    Optional<YjsState> state = frame.yjs();
    if (state.isEmpty()) {
      session.onGap(false);
    } else if (replay == null) {
      out.send(state.get().message());
    } else {
      replay.add(state.get()).ifPresent(out::send);
      replay.passedState(frame.content().getSeq());
      joinIfComplete();
    }
  }

  @Override
  public void operations(OperationsFrame frame) {
    for (YjsOperation each : frame.yjs()) {
      if (replay == null || replay.add(each.update())) {
        out.send(each.message());
      }
    }
    if (replay != null) {
      replay.passed(frame);
      joinIfComplete();
    }
  }

  private void joinIfComplete() {
    if (replay.complete()) {
      join();
    }
  }

  private void join() {
    out.send(YjsMessage.emptySyncStep2());
    session.onJoined(replay);
    replay = null;
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
    session.onGap(replay == null);
  }

  @Override
  public void presence(Presence presence) {
    session.onPresence(presence);
  }

  @Override
  public void failed() {
    out.close(CloseCode.FAILED, "the gateway failed; connect again");
  }
}
