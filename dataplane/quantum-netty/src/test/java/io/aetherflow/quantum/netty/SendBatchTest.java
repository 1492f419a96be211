package io.aetherflow.quantum.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aetherflow.quantum.connection.ConnectionConfig;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.Errors;
import io.netty.channel.unix.IntegerUnixChannelOption;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Batches through real sockets: each datagram must come out as it went in. */
@Timeout(30)
class SendBatchTest {
  private static final int LARGE = ConnectionConfig.DATAGRAM_BYTES;

  /** With it the kernel refuses to segment: it needs checksums for that. */
  private static final IntegerUnixChannelOption SO_NO_CHECK =
      new IntegerUnixChannelOption("SO_NO_CHECK", 1, 11);

  private final BlockingQueue<byte[]> received = new LinkedBlockingQueue<>();
  private QuantumEventLoopGroup loops;
  private EventLoop loop;
  private DatagramChannel sender;
  private DatagramChannel receiver;
  private SendBatch batch;

  @AfterEach
  void close() {
    if (loops != null) {
      loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
  }

  private void open(QuantumEventLoopGroup group) throws Exception {
    loops = group;
    loop = loops.next();
    receiver = DatagramChannels.open(loop);
    receiver
        .pipeline()
        .addLast(
            new SimpleChannelInboundHandler<DatagramPacket>() {
              @Override
              protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet) {
                byte[] content = new byte[packet.content().readableBytes()];
                packet.content().readBytes(content);
                received.add(content);
              }
            });
    loop.register(receiver).sync();
    receiver.bind(new InetSocketAddress("127.0.0.1", 0)).sync();
    sender = DatagramChannels.open(loop);
    loop.register(sender).sync();
    sender.bind(new InetSocketAddress("127.0.0.1", 0)).sync();
    batch = new SendBatch(sender);
  }

  private void assertAllArrive(int... sizes) throws Exception {
    List<byte[]> packets = new ArrayList<>();
    Random random = new Random(1);
    for (int size : sizes) {
      byte[] packet = new byte[size];
      random.nextBytes(packet);
      packets.add(packet);
    }
    loop.submit(() -> send(packets)).sync();
    for (byte[] packet : packets) {
      assertThat(received.poll(10, TimeUnit.SECONDS)).isEqualTo(packet);
    }
    assertThat(received).isEmpty();
  }

  private void send(List<byte[]> packets) {
    batch.begin();
    for (byte[] packet : packets) {
      System.arraycopy(packet, 0, batch.buf(), batch.end(), packet.length);
      batch.add(packet.length, receiver.localAddress());
    }
    batch.finish();
    sender.flush();
  }

  private static int[] equal(int count, int size) {
    int[] sizes = new int[count];
    Arrays.fill(sizes, size);
    return sizes;
  }

  @Test
  void datagramsOfAllShapesArriveSingly() throws Exception {
    open(new QuantumEventLoopGroup(1, "test"));
    assertThat(batch.isSegmenting()).isEqualTo(Epoll.isAvailable());
    assertAllArrive(LARGE);
    assertAllArrive(equal(SendBatch.PACKETS_MAX, LARGE));
    assertAllArrive(equal(SendBatch.PACKETS_MAX, 60));
    assertAllArrive(LARGE, LARGE, 700, LARGE, 36, 36, 36, 1200, 1200, LARGE, 40);
    assertAllArrive(1, 2, 3, 4, 5);
    assertThat(batch.isSegmenting()).isEqualTo(Epoll.isAvailable());
  }

  @Test
  void aConnectedSocketSendsSegmentsToo() throws Exception {
    open(new QuantumEventLoopGroup(1, "test"));
    sender.connect(receiver.localAddress()).sync();
    assertAllArrive(LARGE, LARGE, LARGE, 100);
    assertThat(batch.isSegmenting()).isEqualTo(Epoll.isAvailable());
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 22, 90})
  void refusalsOfSegmentsAreKnown(int errorNumber) {
    assertThat(
            DatagramChannels.refusesSegments(
                new Errors.NativeIoException("sendmsg", -errorNumber, false)))
        .isTrue();
  }

  @Test
  void aRefusedRunIsSentAgainAloneAndNoFurtherOneIsTried() throws Exception {
    assumeTrue(Epoll.isAvailable());
    open(new QuantumEventLoopGroup(1, "test"));
    assertThat(sender.config().setOption(SO_NO_CHECK, 1)).isTrue();
    assertAllArrive(LARGE, LARGE, LARGE, 100);
    assertThat(batch.isSegmenting()).isFalse();
    assertAllArrive(LARGE, LARGE, 100);
  }

  @Test
  void nioSendsEachAlone() throws Exception {
    open(new QuantumEventLoopGroup(1, "test", NioIoHandler.newFactory()));
    assertThat(batch.isSegmenting()).isFalse();
    assertAllArrive(equal(SendBatch.PACKETS_MAX, LARGE));
  }
}
