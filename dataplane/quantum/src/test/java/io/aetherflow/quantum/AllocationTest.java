package io.aetherflow.quantum;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.aetherflow.quantum.fec.CodingMatrix;
import io.aetherflow.quantum.fec.FecKernels;
import io.aetherflow.quantum.fec.GroupEncoder;
import io.aetherflow.quantum.frame.FrameReader;
import io.aetherflow.quantum.frame.FrameWriter;
import io.aetherflow.quantum.frame.RangeList;
import io.aetherflow.quantum.packet.Crc32cProtection;
import io.aetherflow.quantum.packet.Flags;
import io.aetherflow.quantum.packet.Guuid;
import io.aetherflow.quantum.packet.PacketReader;
import io.aetherflow.quantum.packet.PacketRefusal;
import io.aetherflow.quantum.packet.PacketWriter;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/**
 * The packet path allocates nothing, with the scalar kernel even before the JIT has compiled it.
 */
class AllocationTest {
  private static final int PACKETS = 2000;

  private final byte[] datagram = new byte[1500];
  private final byte[] data = new byte[1100];
  private final Guuid guuid = new Guuid(1, 2);
  private final RangeList above = RangeList.of(40, 50, 20, 30);
  private final FrameWriter writer = new FrameWriter();
  private final FrameReader reader = new FrameReader();
  private final PacketReader header = new PacketReader();
  private final Crc32cProtection protection = new Crc32cProtection();
  private final GroupEncoder encoder = new GroupEncoder(FecKernels.scalar(), 3, 1400);
  private final CodingMatrix matrix = new CodingMatrix(10);
  private final CountingHandler handler = new CountingHandler();

  @Test
  void sealingAndOpeningPacketsAllocatesNothing() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    encoder.open(matrix, 3);
    run(PACKETS);
    threads.getCurrentThreadAllocatedBytes();
    long before = threads.getCurrentThreadAllocatedBytes();
    run(PACKETS);
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertThat(allocated).as("bytes for %d packets", PACKETS).isLessThan(PACKETS);
    assertThat(handler.streams).isEqualTo(2 * PACKETS);
  }

  private void run(int packets) {
    for (int number = 1; number <= packets; number++) {
      PacketWriter.putHeader(datagram, 0, Flags.PSH, guuid, number);
      int start = PacketWriter.putAck(datagram, 0, 10, above, 8);
      writer.begin(datagram, start, 1300);
      writer.fecSid(number, encoder.sources());
      writer.stream(4, 1000L * number, false, data, 0, data.length);
      encoder.add(number, datagram, start, writer.bytes());
      if (encoder.isFull()) {
        encoder.open(matrix, 3);
      }
      PacketWriter.putPayloadBytes(datagram, 0, writer.bytes() + protection.tagBytes());
      protection.seal(number, datagram, 0, start, writer.bytes());
      open(number, start + writer.bytes() + protection.tagBytes());
    }
  }

  private void open(int number, int length) {
    if (header.parse(datagram, 0, length) != PacketRefusal.NONE) {
      throw new IllegalStateException("refused");
    }
    int headerBytes = header.headerBytes();
    int payload = protection.open(number, datagram, 0, headerBytes, header.payloadBytes());
    reader.read(datagram, headerBytes, payload, handler);
  }
}
