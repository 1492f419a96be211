package io.aetherflow.quantum.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aetherflow.quantum.connection.ConnectionConfig;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.socket.DatagramChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real datagrams, merged and alone, must come out as they went in, with their sender. */
@Timeout(30)
class MergedReceiverTest {
  private static final int LARGE = ConnectionConfig.DATAGRAM_BYTES;
  private static final int EAGAIN = 11;
  private static final int EBADF = 9;

  private QuantumEventLoopGroup loops;
  private EventLoop loop;
  private DatagramChannel sender;
  private EpollDatagramChannel receiver;

  @BeforeEach
  void open() throws Exception {
    assumeTrue(Epoll.isAvailable() && MergedReceiver.isAvailable());
    loops = new QuantumEventLoopGroup(1, "test");
    loop = loops.next();
    receiver = (EpollDatagramChannel) DatagramChannels.open(loop);
    receiver.config().setOption(ChannelOption.AUTO_READ, false);
    sender = DatagramChannels.open(loop);
    for (DatagramChannel channel : List.of(receiver, sender)) {
      loop.register(channel).sync();
      channel.bind(new InetSocketAddress("127.0.0.1", 0)).sync();
    }
  }

  @AfterEach
  void close() {
    if (loops != null) {
      loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
  }

  /** On loopback a datagram has arrived when the call that sends it returns. */
  private List<byte[]> exchange(List<byte[]> packets) {
    SendBatch batch = new SendBatch(sender);
    batch.begin();
    for (byte[] packet : packets) {
      System.arraycopy(packet, 0, batch.buf(), batch.end(), packet.length);
      batch.add(packet.length, receiver.localAddress());
    }
    batch.finish();
    sender.flush();
    List<byte[]> received = new ArrayList<>();
    MergedReceiver merged = MergedReceiver.ofThread();
    int fd = receiver.fd().intValue();
    for (int count = merged.receive(fd); count >= 0; count = merged.receive(fd)) {
      for (int i = 0; i < count; i++) {
        assertThat(merged.sender(i)).isEqualTo(Addresses.toPeer(sender.localAddress()));
        cut(merged, i, received);
      }
    }
    assertThat(merged.receive(fd)).isEqualTo(-EAGAIN);
    return received;
  }

  private static void cut(MergedReceiver merged, int message, List<byte[]> into) {
    int bytes = merged.bytes(message);
    int segmentBytes = merged.segmentBytes(message);
    for (int at = 0; at < bytes; at += segmentBytes) {
      byte[] packet = new byte[Math.min(segmentBytes, bytes - at)];
      merged.copy(message, at, packet, packet.length);
      into.add(packet);
    }
  }

  private void assertAllArrive(int... sizes) throws Exception {
    Random random = new Random(1);
    List<byte[]> packets = new ArrayList<>();
    for (int size : sizes) {
      byte[] packet = new byte[size];
      random.nextBytes(packet);
      packets.add(packet);
    }
    List<byte[]> received = loop.submit(() -> exchange(packets)).get();
    assertThat(received).hasSameSizeAs(packets);
    for (int i = 0; i < packets.size(); i++) {
      assertThat(received.get(i)).isEqualTo(packets.get(i));
    }
  }

  private static int[] equal(int count, int size) {
    int[] sizes = new int[count];
    Arrays.fill(sizes, size);
    return sizes;
  }

  @Test
  void datagramsOfAllShapesComeOut() throws Exception {
    assertAllArrive(LARGE);
    assertAllArrive(equal(SendBatch.PACKETS_MAX, LARGE));
    assertAllArrive(equal(SendBatch.PACKETS_MAX, 60));
    assertAllArrive(LARGE, LARGE, 700, LARGE, 36, 36, 36, 1200, 1200, LARGE, 40);
    assertAllArrive(1, 2, 3, 4, 5, 6, 7, 8, 9);
  }

  @Test
  void mergedOnesComeInOnePiece() throws Exception {
    loop.submit(
            () -> {
              SendBatch batch = new SendBatch(sender);
              batch.begin();
              for (int length : new int[] {1000, 1000, 1000, 10}) {
                batch.add(length, receiver.localAddress());
              }
              batch.finish();
              sender.flush();
              MergedReceiver merged = MergedReceiver.ofThread();
              assertThat(merged.receive(receiver.fd().intValue())).isEqualTo(1);
              assertThat(merged.bytes(0)).isEqualTo(3010);
              assertThat(merged.segmentBytes(0)).isEqualTo(1000);
            })
        .get();
  }

  @Test
  void aClosedSocketIsAnErrorNumber() throws Exception {
    loop.submit(() -> assertThat(MergedReceiver.ofThread().receive(-1)).isEqualTo(-EBADF)).get();
  }

  @Test
  void sendersOfBothKindsAreKnownApart() throws Exception {
    DatagramChannel other = DatagramChannels.open(loop);
    loop.register(other).sync();
    other.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.2"), 0)).sync();
    DatagramChannel first = sender;
    for (DatagramChannel each : List.of(first, other, first, other)) {
      sender = each;
      assertAllArrive(100, 200);
    }
  }
}
