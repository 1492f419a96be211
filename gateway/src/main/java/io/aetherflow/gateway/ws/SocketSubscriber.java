package io.aetherflow.gateway.ws;

import io.aetherflow.api.statesync.v1.Presence;
import io.aetherflow.gateway.hub.OperationsFrame;
import io.aetherflow.gateway.hub.Subscriber;
import java.util.OptionalLong;

/** One socket's attachment to one document. */
final class SocketSubscriber implements Subscriber {
  private final String clientId;
  private final Outbound out;
  private final OptionalLong attachId;
  private final OperationsInFlight inFlight;

  /** After a detach the client hears no more of the document, not even what is under way. */
  private volatile boolean muted;

  SocketSubscriber(
      String clientId, Outbound out, OptionalLong attachId, OperationsInFlight inFlight) {
    this.clientId = clientId;
    this.out = out;
    this.attachId = attachId;
    this.inFlight = inFlight;
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
    send(ServerJson.attached(attachId, document, position, recovered));
  }

  @Override
  public void operations(OperationsFrame frame) {
    send(frame.text());
  }

  @Override
  public void acked(String document, long clientSeq, long seq) {
    inFlight.remove(document, clientSeq);
    out.send(ServerJson.ack(document, clientSeq, seq));
  }

  @Override
  public void nacked(String document, long clientSeq, String reason, boolean retryable) {
    inFlight.remove(document, clientSeq);
    out.send(ServerJson.nack(document, clientSeq, reason, retryable));
  }

  @Override
  public void gap(String document, long head) {
    send(ServerJson.gap(document, head));
  }

  @Override
  public void presence(Presence presence) {
    send(ServerJson.presence(presence));
  }

  private void send(String message) {
    if (!muted) {
      out.send(message);
    }
  }
}
