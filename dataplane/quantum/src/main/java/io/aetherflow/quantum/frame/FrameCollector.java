package io.aetherflow.quantum.frame;

import io.aetherflow.quantum.packet.PacketRanges;
import java.util.ArrayList;
import java.util.List;

/** Turns a payload into {@link Frame} values, for tests and traces; allocates. Not thread-safe. */
public final class FrameCollector implements FrameHandler {
  private final List<Frame> frames = new ArrayList<>();

  /** The frames received so far, oldest first. */
  public List<Frame> frames() {
    return List.copyOf(frames);
  }

  @Override
  public void onPadding(int bytes) {
    frames.add(new Frame.Padding(bytes));
  }

  @Override
  public void onPing() {
    frames.add(new Frame.Ping());
  }

  @Override
  public void onAckExt(long delayMicros, long ect0, long ect1, long ce, PacketRanges ranges) {
    frames.add(new Frame.AckExt(delayMicros, ect0, ect1, ce, copy(ranges)));
  }

  @Override
  public void onRecovered(PacketRanges ranges) {
    frames.add(new Frame.Recovered(copy(ranges)));
  }

  @Override
  public void onForgo(long number) {
    frames.add(new Frame.Forgo(number));
  }

  @Override
  public void onParams(
      long maxData,
      long maxStreamData,
      long maxStreams,
      long maxAckDelayMicros,
      long idleTimeoutMillis,
      long maxDatagramBytes) {
    frames.add(
        new Frame.Params(
            maxData,
            maxStreamData,
            maxStreams,
            maxAckDelayMicros,
            idleTimeoutMillis,
            maxDatagramBytes));
  }

  @Override
  public void onCrypto(long offset, byte[] buf, int off, int length) {
    frames.add(new Frame.Crypto(offset, Bytes.copyOf(buf, off, length)));
  }

  @Override
  public void onNewToken(byte[] buf, int off, int length) {
    frames.add(new Frame.NewToken(Bytes.copyOf(buf, off, length)));
  }

  @Override
  public void onStream(long id, long offset, boolean fin, byte[] buf, int off, int length) {
    frames.add(new Frame.Stream(id, offset, fin, Bytes.copyOf(buf, off, length)));
  }

  @Override
  public void onReset(long id, long errorCode, long finalSize) {
    frames.add(new Frame.Reset(id, errorCode, finalSize));
  }

  @Override
  public void onStop(long id, long errorCode) {
    frames.add(new Frame.Stop(id, errorCode));
  }

  @Override
  public void onMaxData(long limit) {
    frames.add(new Frame.MaxData(limit));
  }

  @Override
  public void onMaxStreamData(long id, long limit) {
    frames.add(new Frame.MaxStreamData(id, limit));
  }

  @Override
  public void onMaxStreams(long limit) {
    frames.add(new Frame.MaxStreams(limit));
  }

  @Override
  public void onFecSid(int group, int index) {
    frames.add(new Frame.FecSid(group, index));
  }

  @Override
  public void onRepair(
      int group, int width, int sources, int index, byte[] buf, int off, int length) {
    frames.add(new Frame.Repair(group, width, sources, index, Bytes.copyOf(buf, off, length)));
  }

  @Override
  public void onPathChallenge(long data) {
    frames.add(new Frame.PathChallenge(data));
  }

  @Override
  public void onPathResponse(long data) {
    frames.add(new Frame.PathResponse(data));
  }

  @Override
  public void onClose(long errorCode, byte[] reason, int off, int length) {
    frames.add(new Frame.Close(errorCode, Bytes.copyOf(reason, off, length)));
  }

  private static RangeList copy(PacketRanges ranges) {
    RangeList copy = new RangeList();
    for (int i = 0; i < ranges.count(); i++) {
      copy.add(ranges.first(i), ranges.last(i));
    }
    return copy;
  }
}
