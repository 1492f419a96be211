package io.aetherflow.bench.goodput;

import com.backblaze.erasure.FecAdapt;
import com.fasterxml.jackson.databind.JsonNode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import kcp.ChannelConfig;
import kcp.KcpClient;
import kcp.KcpListener;
import kcp.KcpServer;
import kcp.Ukcp;

/**
 * java-Kcp in its turbo mode, nodelay(1, 10, 2, 1) without congestion window, FEC 10+3 and windows
 * of four bandwidth-delay products of 100 Mbit/s and 50 ms.
 */
final class KcpBulk implements BulkTransfer {
  private static final int WINDOW_PACKETS = 2048;
  private static final int MTU_BYTES = 1400;
  private static final int CONVERSATION = 55;
  private static final int TIMEOUT_MILLIS = 30_000;
  private static final int CHUNK_BYTES = 8 << 10;
  private static final int QUEUED_CHUNKS = 256;
  private static final int CONNECT_SECONDS = 10;

  /** The client offers no event for room in its queue. */
  private static final long RETRY_NS = 500_000;

  private static ChannelConfig settings() {
    ChannelConfig settings = new ChannelConfig();
    settings.nodelay(true, 10, 2, true);
    settings.setSndwnd(WINDOW_PACKETS);
    settings.setRcvwnd(WINDOW_PACKETS);
    settings.setMtu(MTU_BYTES);
    settings.setFecAdapt(new FecAdapt(10, 3));
    settings.setAckNoDelay(true);
    settings.setTimeoutMillis(TIMEOUT_MILLIS);
    settings.setConv(CONVERSATION);
    settings.setUseConvChannel(true);
    // In bytes, of which it makes one credit per packet.
    settings.setWriteBufferSize(QUEUED_CHUNKS * MTU_BYTES);
    return settings;
  }

  @Override
  public int receive(JsonNode config, LongAdder bytes) throws IOException {
    int port = freePort(config.get("address").asText());
    new KcpServer()
        .init(
            new Listener() {
              @Override
              public void handleReceive(ByteBuf message, Ukcp connection) {
                bytes.add(message.readableBytes());
              }
            },
            settings(),
            port);
    return port;
  }

  /** The server takes no port 0. */
  private static int freePort(String address) throws IOException {
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getByName(address))) {
      return socket.getLocalPort();
    }
  }

  @Override
  public void send(JsonNode config) throws Exception {
    KcpClient client = new KcpClient();
    ChannelConfig settings = settings();
    client.init(settings);
    CompletableFuture<Ukcp> connected = new CompletableFuture<>();
    client.connect(
        new InetSocketAddress(config.get("address").asText(), config.get("port").asInt()),
        settings,
        new Listener() {
          @Override
          public void onConnected(Ukcp connection) {
            connected.complete(connection);
          }
        });
    Ukcp connection = connected.get(CONNECT_SECONDS, TimeUnit.SECONDS);
    Thread.ofPlatform().daemon().name("kcp-bulk").start(() -> write(connection));
  }

  private static void write(Ukcp connection) {
    ByteBuf chunk = Unpooled.directBuffer(CHUNK_BYTES).writeZero(CHUNK_BYTES);
    while (true) {
      if (!connection.write(chunk)) {
        LockSupport.parkNanos(RETRY_NS);
      }
    }
  }

  private abstract static class Listener implements KcpListener {
    @Override
    public void onConnected(Ukcp connection) {}

    @Override
    public void handleReceive(ByteBuf message, Ukcp connection) {}

    @Override
    public void handleException(Throwable cause, Ukcp connection) {
      cause.printStackTrace();
    }

    @Override
    public void handleClose(Ukcp connection) {}
  }
}
