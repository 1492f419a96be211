package io.aetherflow.gateway.ws;

import io.aetherflow.api.statesync.v1.Presence;
import io.aetherflow.gateway.auth.Right;
import io.aetherflow.gateway.hub.OperationsFrame;
import io.aetherflow.gateway.hub.StateFrame;
import io.aetherflow.gateway.hub.Subscriber;
import java.util.OptionalLong;
import java.util.Set;

/** One socket's attachment to one document. */
final class SocketSubscriber implements Subscriber {
  private final String clientId;
  private final Outbound out;
  private final OptionalLong attachId;
  private final OperationsInFlight inFlight;
  private final Runnable onAnswered;

  /** After a detach the client hears no more of the document, not even what is under way. */
  private volatile boolean muted;

  SocketSubscriber(
      String clientId,
      Outbound out,
      OptionalLong attachId,
      OperationsInFlight inFlight,
      Runnable onAnswered) {
    this.onAnswered = onAnswered;
    this.clientId = clientId;
    this.out = out;
    this.attachId = attachId;
    this.inFlight = inFlight;
  }

  private volatile Set<Right> rights = Set.of();

  /** What the socket's token allows on this document now. */
  void rights(Set<Right> now) {
    rights = now;
  }

  void mute() {
    muted = true;
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
    send(ServerJson.attached(attachId, document, position, role(), recovered));
  }

  @Override
  public void operations(OperationsFrame frame) {
    send(frame.text());
  }

  @Override
  public void state(StateFrame frame) {
    send(frame.text());
  }

  @Override
  public void acked(String document, long clientSeq, long seq, String guuid) {
    answered(() -> inFlight.stored(document, clientSeq));
    out.send(ServerJson.ack(document, clientSeq, seq, guuid));
  }

  @Override
  public void nacked(String document, long clientSeq, String reason, boolean retryable) {
    answered(() -> inFlight.remove(document, clientSeq));
    out.send(ServerJson.nack(document, clientSeq, reason, retryable));
  }

  @Override
  public void gap(String document, long head) {
    send(ServerJson.gap(document, head));
  }

  @Override
  public void presence(Presence presence) {
    if (rights.contains(Right.PRESENCE)) {
      send(ServerJson.presence(presence));
    }
  }

  @Override
  public void failed() {
    out.close(CloseCode.FAILED, "the gateway failed; connect again");
  }

  private void answered(Runnable removal) {
    boolean many = inFlight.manyBytes();
    removal.run();
    if (many) {
      onAnswered.run();
    }
  }

  private String role() {
    return rights.contains(Right.WRITE) ? "editor" : "viewer";
  }

  private void send(String message) {
    if (!muted) {
      out.send(message);
    }
  }
}
