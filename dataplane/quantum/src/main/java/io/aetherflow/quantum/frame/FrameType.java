package io.aetherflow.quantum.frame;

/** First byte of each frame. Unlisted values are refused, so a new frame needs a new version. */
final class FrameType {
  static final int PADDING = 0x00;
  static final int PING = 0x01;
  static final int ACK_EXT = 0x02;
  static final int RECOVERED = 0x03;
  static final int FORGO = 0x04;
  static final int PARAMS = 0x05;
  static final int CRYPTO = 0x06;
  static final int NEW_TOKEN = 0x07;
  static final int STREAM = 0x08;
  static final int STREAM_FIN = 0x09;
  static final int RESET = 0x0A;
  static final int STOP = 0x0B;
  static final int MAX_DATA = 0x10;
  static final int MAX_STREAM_DATA = 0x11;
  static final int MAX_STREAMS = 0x12;
  static final int FEC_SID = 0x18;
  static final int REPAIR = 0x19;
  static final int PATH_CHALLENGE = 0x1A;
  static final int PATH_RESPONSE = 0x1B;
  static final int CLOSE = 0x1C;

  private FrameType() {}
}
