package io.aetherflow.quantum.connection;

import io.aetherflow.quantum.frame.FrameWriter;
import java.util.Arrays;

/** What the two ends tell each other first, and what of it is still to be said. Not thread-safe. */
final class Handshake {
  /**
   * SYN and its answer leave twice: before the first sample a probe takes two thirds of a second,
   * and parity cannot help yet.
   */
  private static final int COPIES = 2;

  private final boolean client;
  private int paramsDue;
  private byte[] token = {};
  private boolean hasPeerParams;
  private long peerMaxAckDelayMicros;
  private int datagramBytes;
  private boolean owesResponse;
  private boolean confirmed;
  private long response;

  Handshake(boolean client) {
    this.client = client;
    paramsDue = client ? COPIES : 0;
  }

  /** Whether a packet with PARAMS has to leave. */
  boolean isParamsDue() {
    return paramsDue > 0;
  }

  void setParamsDue() {
    paramsDue = COPIES;
  }

  void onParamsWritten() {
    paramsDue--;
  }

  /** Takes the peer's PARAMS, the first time only; says whether it was the first. */
  boolean onPeerParams(long maxAckDelayMicros, int datagramBytes) {
    if (hasPeerParams) {
      return false;
    }
    hasPeerParams = true;
    peerMaxAckDelayMicros = maxAckDelayMicros;
    this.datagramBytes = datagramBytes;
    return true;
  }

  boolean hasPeerParams() {
    return hasPeerParams;
  }

  long peerMaxAckDelayMicros() {
    return peerMaxAckDelayMicros;
  }

  /** The largest datagram that both ends take. */
  int datagramBytes() {
    return datagramBytes;
  }

  /** A server asks for the SYN again, with its token; once. */
  void onRetry(byte[] buf, int off, int length) {
    if (token.length == 0) {
      token = Arrays.copyOfRange(buf, off, off + length);
      paramsDue = COPIES;
    }
  }

  void writeToken(FrameWriter writer) {
    if (token.length > 0) {
      writer.newToken(token, 0, token.length);
    }
  }

  /** Whether a challenge is the handshake's, which the client answers until that is confirmed. */
  boolean takesChallenge(long data) {
    if (!client || confirmed) {
      return false;
    }
    response = data;
    owesResponse = true;
    return true;
  }

  boolean owesResponse() {
    return owesResponse && !confirmed;
  }

  long response() {
    return response;
  }

  void onResponseAcked() {
    confirmed = true;
  }
}
