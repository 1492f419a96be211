package io.aetherflow.quantum.frame;

import io.aetherflow.quantum.packet.PacketRanges;

/** Ignores every frame; for those who look for one kind only. Stateless. */
public class FrameIgnorer implements FrameHandler {
  @Override
  public void onPadding(int bytes) {}

  @Override
  public void onPing() {}

  @Override
  public void onAckExt(long delayMicros, long ect0, long ect1, long ce, PacketRanges ranges) {}

  @Override
  public void onRecovered(PacketRanges ranges) {}

  @Override
  public void onForgo(long number) {}

  @Override
  public void onParams(
      long maxData,
      long maxStreamData,
      long maxStreams,
      long maxAckDelayMicros,
      long idleTimeoutMillis,
      long maxDatagramBytes) {}

  @Override
  public void onCrypto(long offset, byte[] buf, int off, int length) {}

  @Override
  public void onNewToken(byte[] buf, int off, int length) {}

  @Override
  public void onStream(long id, long offset, boolean fin, byte[] buf, int off, int length) {}

  @Override
  public void onReset(long id, long errorCode, long finalSize) {}

  @Override
  public void onStop(long id, long errorCode) {}

  @Override
  public void onMaxData(long limit) {}

  @Override
  public void onMaxStreamData(long id, long limit) {}

  @Override
  public void onMaxStreams(long limit) {}

  @Override
  public void onFecSid(int group, int index) {}

  @Override
  public void onRepair(
      int group, int width, int sources, int index, byte[] buf, int off, int length) {}

  @Override
  public void onPathChallenge(long data) {}

  @Override
  public void onPathResponse(long data) {}

  @Override
  public void onClose(long errorCode, byte[] reason, int off, int length) {}
}
