package io.aetherflow.quantum;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.quantum.fec.CodingMatrix;
import io.aetherflow.quantum.fec.FecKernels;
import io.aetherflow.quantum.fec.GroupEncoder;
import io.aetherflow.quantum.frame.FrameCollector;
import io.aetherflow.quantum.frame.FrameReader;
import io.aetherflow.quantum.frame.FrameRefusal;
import io.aetherflow.quantum.frame.FrameWriter;
import io.aetherflow.quantum.frame.RangeList;
import io.aetherflow.quantum.packet.Crc32cProtection;
import io.aetherflow.quantum.packet.Guuid;
import io.aetherflow.quantum.packet.PacketNumbers;
import io.aetherflow.quantum.packet.PacketReader;
import io.aetherflow.quantum.packet.PacketRefusal;
import io.aetherflow.quantum.packet.PacketWriter;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The normative document's test vectors, read from the document itself. */
class ProtocolVectorsTest {
  private static final Guuid GUUID = new Guuid(0x0001020304050607L, 0x08090a0b0c0d0e0fL);

  /** A block that no test reads would prove nothing. */
  @Test
  void everyBlockOfTheDocumentHasItsTest() throws IOException {
    assertThat(ProtocolDocument.blocks())
        .containsExactlyInAnyOrder(
            "packet",
            "number",
            "frame",
            "refused",
            "matrix",
            "parity",
            "connection",
            "sending",
            "receiving");
  }

  @TestFactory
  List<DynamicTest> numbers() throws IOException {
    return ProtocolDocument.vectors(
        "number",
        (given, expected) -> {
          String[] fields = given.split(" ");
          int wire = Integer.parseUnsignedInt(fields[1], 16);
          assertThat(PacketNumbers.expand(wire, Long.parseLong(fields[0])))
              .isEqualTo(Long.parseLong(expected));
        });
  }

  @TestFactory
  List<DynamicTest> packets() throws IOException {
    return ProtocolDocument.vectors("packet", ProtocolVectorsTest::packet);
  }

  private static void packet(String given, String expected) {
    String[] fields = given.split(" ");
    int flags = Integer.parseInt(fields[0], 16);
    long number = Long.parseLong(fields[1]);
    long ack = Long.parseLong(fields[2]);
    byte[] payload = hex(fields[4]);
    byte[] datagram = new byte[expected.length() / 2];
    PacketWriter.putHeader(datagram, 0, flags & ~0x10, GUUID, number);
    int header = 32;
    if ((flags & 0x10) != 0) {
      header = PacketWriter.putAck(datagram, 0, ack, blocks(fields[3]), 8);
    }
    Crc32cProtection protection = new Crc32cProtection();
    PacketWriter.putPayloadBytes(datagram, 0, payload.length + protection.tagBytes());
    System.arraycopy(payload, 0, datagram, header, payload.length);
    protection.seal(number, datagram, 0, header, payload.length);
    assertThat(HexFormat.of().formatHex(datagram)).isEqualTo(expected);

    PacketReader reader = new PacketReader();
    assertThat(reader.parse(datagram, 0, datagram.length)).isEqualTo(PacketRefusal.NONE);
    assertThat(reader.flags()).isEqualTo(flags);
    assertThat(protection.open(number, datagram, 0, header, reader.payloadBytes()))
        .isEqualTo(payload.length);
  }

  private static RangeList blocks(String text) {
    if (text.equals("-")) {
      return RangeList.of();
    }
    return RangeList.of(Arrays.stream(text.split("[,-]")).mapToLong(Long::parseLong).toArray());
  }

  @TestFactory
  List<DynamicTest> frames() throws IOException {
    return ProtocolDocument.vectors(
        "frame",
        (given, expected) -> {
          byte[] payload = hex(given);
          FrameCollector collector = new FrameCollector();
          assertThat(new FrameReader().read(payload, 0, payload.length, collector))
              .isEqualTo(FrameRefusal.NONE);
          assertThat(collector.frames()).singleElement().hasToString(expected);
          FrameWriter writer = new FrameWriter();
          byte[] written = new byte[payload.length];
          writer.begin(written, 0, written.length);
          assertThat(writer.write(collector.frames().getFirst())).isTrue();
          assertThat(written).isEqualTo(payload);
        });
  }

  @TestFactory
  List<DynamicTest> refusedPayloads() throws IOException {
    return ProtocolDocument.vectors(
        "refused",
        (given, expected) -> {
          byte[] payload = hex(given);
          assertThat(new FrameReader().read(payload, 0, payload.length, new FrameCollector()))
              .isEqualTo(FrameRefusal.valueOf(expected));
        });
  }

  @TestFactory
  List<DynamicTest> matrixRows() throws IOException {
    return ProtocolDocument.vectors(
        "matrix",
        (given, expected) -> {
          String[] fields = given.split(" ");
          CodingMatrix matrix = new CodingMatrix(Integer.parseInt(fields[0]));
          byte[] factors = new byte[matrix.sources()];
          for (int c = 0; c < factors.length; c++) {
            factors[c] = matrix.factor(Integer.parseInt(fields[1]), c);
          }
          assertThat(factors).isEqualTo(hex(expected));
        });
  }

  @TestFactory
  List<DynamicTest> parity() throws IOException {
    return ProtocolDocument.vectors(
        "parity",
        (given, expected) -> {
          String[] fields = given.split(" ");
          String[] rows = expected.split(" ");
          GroupEncoder encoder = new GroupEncoder(FecKernels.best(), rows.length, 100);
          encoder.open(new CodingMatrix(Integer.parseInt(fields[0])), rows.length);
          for (int s = 1; s < fields.length; s++) {
            String[] source = fields[s].split(":");
            byte[] frames = hex(source[1]);
            encoder.add(Long.parseLong(source[0]), frames, 0, frames.length);
          }
          for (int r = 0; r < rows.length; r++) {
            assertThat(Arrays.copyOf(encoder.parity(r), encoder.symbolBytes()))
                .isEqualTo(hex(rows[r]));
          }
        });
  }

  private static byte[] hex(String text) {
    return text.equals("-") ? new byte[0] : HexFormat.of().parseHex(text);
  }
}
