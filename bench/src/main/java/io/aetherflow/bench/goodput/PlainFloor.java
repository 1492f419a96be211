package io.aetherflow.bench.goodput;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/** Datagrams one by one, without any protocol: what a transport without offload could reach. */
final class PlainFloor implements BulkTransfer {
  static final int DATAGRAM_BYTES = 1472;
  private static final int HEADER_BYTES = 28;
  private static final int SOCKET_BUFFER_BYTES = 4 << 20;
  private static final double BITS_TIMES_NANOS = 8e9;

  /** Slightly more than the link takes, so that the link and not the sender decides. */
  private static final double OVERLOAD = 1.02;

  @Override
  public int receive(JsonNode config, LongAdder bytes) throws IOException {
    DatagramChannel socket = DatagramChannel.open();
    socket.setOption(StandardSocketOptions.SO_RCVBUF, SOCKET_BUFFER_BYTES);
    socket.bind(new InetSocketAddress(config.get("address").asText(), 0));
    forever(() -> {
      ByteBuffer in = ByteBuffer.allocateDirect(DATAGRAM_BYTES);
      while (true) {
        in.clear();
        socket.receive(in);
        bytes.add(in.position());
      }
    });
    return ((InetSocketAddress) socket.getLocalAddress()).getPort();
  }

  @Override
  public void send(JsonNode config) throws IOException {
    DatagramChannel socket = DatagramChannel.open();
    socket.setOption(StandardSocketOptions.SO_SNDBUF, SOCKET_BUFFER_BYTES);
    socket.connect(
        new InetSocketAddress(config.get("address").asText(), config.get("port").asInt()));
    long gapNs = gapNs(config.get("rateBits").asLong(), DATAGRAM_BYTES + HEADER_BYTES);
    forever(() -> {
      ByteBuffer out = ByteBuffer.allocateDirect(DATAGRAM_BYTES);
      long dueNs = System.nanoTime();
      while (true) {
        out.clear();
        socket.write(out);
        dueNs += gapNs;
        if (gapNs > 0 && dueNs > System.nanoTime()) {
          LockSupport.parkNanos(dueNs - System.nanoTime());
        }
      }
    });
  }

  /** Time between packets; 0 for as fast as it goes. */
  static long gapNs(long rateBits, int packetBytes) {
    return rateBits == 0 ? 0 : Math.round(packetBytes * BITS_TIMES_NANOS / rateBits / OVERLOAD);
  }

  private interface Loop {
    void run() throws IOException;
  }

  private static void forever(Loop loop) {
    Thread.ofPlatform()
        .daemon()
        .name("floor")
        .start(() -> {
          try {
            loop.run();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }
}
