package io.aetherflow.gateway.hub;

import io.aetherflow.api.statesync.v1.Operation;
import io.aetherflow.api.statesync.v1.Presence;
import java.util.ArrayList;
import java.util.List;

/** Keeps what it got, and fails on a hole or a duplicate that no gap announced. */
final class RecordingSubscriber implements Subscriber {
  final List<Long> seqs = new ArrayList<>();
  final List<String> events = new ArrayList<>();
  private final String clientId;
  private long expected;
  boolean writable = true;

  /** Every call from the hub then fails. */
  boolean broken;

  RecordingSubscriber(String clientId, long fromSeq) {
    this.clientId = clientId;
    this.expected = fromSeq;
  }

  @Override
  public String clientId() {
    return clientId;
  }

  @Override
  public boolean writable() {
    return writable;
  }

  @Override
  public void attached(String document, Position position, boolean recovered) {
    failIfBroken();
    events.add("attached head=" + position.head() + " recovered=" + recovered);
    if (expected == 0) {
      expected = position.head() + 1;
    }
  }

  @Override
  public void operations(OperationsFrame frame) {
    failIfBroken();
    if (events.isEmpty()) {
      throw new AssertionError("operations before attached");
    }
    for (Operation operation : frame.operations()) {
      if (operation.getSeq() != expected) {
        throw new AssertionError("expected " + expected + ", got " + operation.getSeq());
      }
      expected++;
      seqs.add(operation.getSeq());
    }
  }

  @Override
  public void state(StateFrame frame) {
    failIfBroken();
    events.add(
        "state " + frame.content().getSeq() + " " + (frame.part() + 1) + " of " + frame.parts());
    expected = frame.content().getSeq() + 1;
  }

  @Override
  public void acked(String document, long clientSeq, long seq, String guuid) {
    events.add("ack " + clientSeq + "=" + seq);
  }

  @Override
  public void nacked(String document, long clientSeq, String reason, boolean retryable) {
    events.add("nack " + clientSeq + " " + reason + " " + retryable);
  }

  @Override
  public void gap(String document, long head) {
    failIfBroken();
    events.add("gap " + head);
    expected = head + 1;
  }

  @Override
  public void presence(Presence presence) {
    failIfBroken();
    events.add("presence " + presence.getClientId());
  }

  @Override
  public void failed() {
    events.add("failed");
  }

  private void failIfBroken() {
    if (broken) {
      throw new IllegalStateException("broken");
    }
  }
}
