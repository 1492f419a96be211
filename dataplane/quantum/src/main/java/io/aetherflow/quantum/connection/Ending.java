package io.aetherflow.quantum.connection;

import io.aetherflow.quantum.frame.FrameLimits;
import io.aetherflow.quantum.frame.FrameWriter;
import java.nio.charset.StandardCharsets;

/** Why a connection ends, who knows it, and whether CLOSE has to be sent. Not thread-safe. */
final class Ending {
  private CloseReason reason;
  private boolean untold;
  private boolean closeDue;
  private boolean whenDelivered;
  private int triggers;

  /** Null while the connection is open. */
  CloseReason reason() {
    return reason;
  }

  void begin(CloseReason reason) {
    this.reason = reason;
    untold = true;
  }

  /** Whether the user has to be told, once. */
  boolean takeUntold() {
    boolean news = untold;
    untold = false;
    return news;
  }

  void setCloseDue() {
    closeDue = true;
  }

  boolean takeCloseDue() {
    boolean due = closeDue;
    closeDue = false;
    return due;
  }

  /** Answers the 1st, 2nd, 4th, 8th ... packet after a close, so that two ends cannot loop. */
  void onLatePacket() {
    triggers++;
    closeDue |= Integer.bitCount(triggers) == 1;
  }

  /** Whether the connection closes once everything is delivered. */
  boolean isWhenDelivered() {
    return whenDelivered;
  }

  void setWhenDelivered() {
    whenDelivered = true;
  }

  void writeClose(FrameWriter writer) {
    byte[] text = reason.text().getBytes(StandardCharsets.UTF_8);
    writer.close(reason.errorCode(), text, 0, Math.min(text.length, FrameLimits.REASON_BYTES_MAX));
  }
}
