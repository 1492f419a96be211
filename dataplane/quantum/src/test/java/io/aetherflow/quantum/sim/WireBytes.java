package io.aetherflow.quantum.sim;

import io.aetherflow.quantum.frame.FrameIgnorer;
import io.aetherflow.quantum.frame.FrameReader;
import io.aetherflow.quantum.packet.PacketRanges;
import io.aetherflow.quantum.packet.PacketReader;
import io.aetherflow.quantum.packet.PacketRefusal;

/** What one end's bytes on the wire are spent on. */
final class WireBytes extends FrameIgnorer {
  private static final int TAG_BYTES = 4;
  private static final int IP_UDP_BYTES = 28;

  private final PacketReader header = new PacketReader();
  private final FrameReader reader = new FrameReader();
  private boolean data;
  private boolean repair;
  private int content;
  long packets;
  long total;
  long contentBytes;
  long dataPackets;
  long dataOverheadBytes;
  long ackPackets;
  long ackBytes;
  long repairPackets;
  long repairBytes;
  long otherPackets;
  long otherBytes;
  long sackBytes;
  long ackExts;
  long limits;

  void onSent(byte[] buf, int length) {
    if (header.parse(buf, 0, length) != PacketRefusal.NONE) {
      return;
    }
    data = false;
    repair = false;
    content = 0;
    int frames = header.payloadBytes() - TAG_BYTES;
    reader.read(buf, header.headerBytes(), frames, this);
    int bytes = length + IP_UDP_BYTES;
    packets++;
    total += bytes;
    sackBytes += 8L * header.sackCount();
    contentBytes += content;
    if (data) {
      dataPackets++;
      dataOverheadBytes += bytes - content;
    } else if (repair) {
      repairPackets++;
      repairBytes += bytes;
    } else if (frames < 32) {
      ackPackets++;
      ackBytes += bytes;
    } else {
      otherPackets++;
      otherBytes += bytes;
    }
  }

  @Override
  public void onStream(long id, long offset, boolean fin, byte[] buf, int off, int length) {
    data = true;
    content += length;
  }

  @Override
  public void onRepair(
      int group, int width, int sources, int index, byte[] buf, int off, int length) {
    repair = true;
  }

  @Override
  public void onAckExt(long delayMicros, long ect0, long ect1, long ce, PacketRanges ranges) {
    ackExts++;
  }

  @Override
  public void onMaxData(long limit) {
    limits++;
  }

  @Override
  public void onMaxStreamData(long id, long limit) {
    limits++;
  }

  @Override
  public String toString() {
    return String.format(
        "%d packets, %d bytes: content %d; data packets %d, their overhead %d (SACK %d);"
            + " acks alone %d, %d bytes; parity %d, %d bytes; other %d, %d bytes;"
            + " ACK_EXT %d, limits %d",
        packets,
        total,
        contentBytes,
        dataPackets,
        dataOverheadBytes,
        sackBytes,
        ackPackets,
        ackBytes,
        repairPackets,
        repairBytes,
        otherPackets,
        otherBytes,
        ackExts,
        limits);
  }
}
