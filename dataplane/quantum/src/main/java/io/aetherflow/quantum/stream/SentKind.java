package io.aetherflow.quantum.stream;

/** Frames that are remembered until their packet's fate is known. */
public enum SentKind {
  STREAM,
  STREAM_FIN,
  RESET,
  STOP,
  MAX_STREAM_DATA,
  MAX_DATA,
  MAX_STREAMS,
  PARAMS,
  PATH_RESPONSE,
  MTU_PROBE,
  PING
}
