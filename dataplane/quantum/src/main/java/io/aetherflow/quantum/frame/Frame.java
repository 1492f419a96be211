package io.aetherflow.quantum.frame;

/**
 * A frame as a value. The fields mean what {@link FrameHandler}'s parameters mean; bounds are
 * checked where frames are read and written. Immutable, except that a {@link RangeList} must not be
 * changed once it is inside.
 */
public sealed interface Frame {
  record Padding(int bytes) implements Frame {}

  record Ping() implements Frame {}

  record AckExt(long delayMicros, long ect0, long ect1, long ce, RangeList ranges)
      implements Frame {}

  record Recovered(RangeList ranges) implements Frame {}

  record Forgo(long number) implements Frame {}

  record Params(
      long maxData,
      long maxStreamData,
      long maxStreams,
      long maxAckDelayMicros,
      long idleTimeoutMillis,
      long maxDatagramBytes)
      implements Frame {}

  record Crypto(long offset, Bytes data) implements Frame {}

  record NewToken(Bytes token) implements Frame {}

  record Stream(long id, long offset, boolean fin, Bytes data) implements Frame {}

  record Reset(long id, long errorCode, long finalSize) implements Frame {}

  record Stop(long id, long errorCode) implements Frame {}

  record MaxData(long limit) implements Frame {}

  record MaxStreamData(long id, long limit) implements Frame {}

  record MaxStreams(long limit) implements Frame {}

  record FecSid(int group, int index) implements Frame {}

  record Repair(int group, int width, int sources, int index, Bytes parity) implements Frame {}

  record PathChallenge(long data) implements Frame {}

  record PathResponse(long data) implements Frame {}

  record Close(long errorCode, Bytes reason) implements Frame {}
}
