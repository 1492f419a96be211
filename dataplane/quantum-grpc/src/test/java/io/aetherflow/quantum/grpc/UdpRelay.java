package io.aetherflow.quantum.grpc;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * A bad network between one client and one server on loopback: it loses and reorders datagrams, and
 * can change the address that the server sees. Real sockets, seeded chance.
 */
final class UdpRelay implements AutoCloseable {
  private final InetSocketAddress server;
  private final Random random;
  private final double loss;
  private final double reorder;
  private final long delayMillis;
  private final DatagramSocket front;
  private final ScheduledExecutorService later = Executors.newSingleThreadScheduledExecutor();
  private volatile DatagramSocket back;
  private volatile SocketAddress client;

  UdpRelay(InetSocketAddress server, long seed, double loss, double reorder) throws IOException {
    this(server, seed, loss, reorder, 0);
  }

  /** A link that keeps order and loses nothing, but takes its time each way. */
  static UdpRelay slow(InetSocketAddress server, long delayMillis) throws IOException {
    return new UdpRelay(server, 1, 0, 0, delayMillis);
  }

  private UdpRelay(
      InetSocketAddress server, long seed, double loss, double reorder, long delayMillis)
      throws IOException {
    this.delayMillis = delayMillis;
    this.server = server;
    random = new Random(seed);
    this.loss = loss;
    this.reorder = reorder;
    front = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    start(this::forward);
    changeAddress();
  }

  InetSocketAddress address() {
    return (InetSocketAddress) front.getLocalSocketAddress();
  }

  /** From now on the server sees the client elsewhere; what goes to the old address is lost. */
  void changeAddress() throws IOException {
    DatagramSocket old = back;
    DatagramSocket fresh = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    back = fresh;
    if (old != null) {
      old.close();
    }
    start(() -> backward(fresh));
  }

  private interface Loop {
    void run() throws IOException;
  }

  private static void start(Loop loop) {
    Thread.ofVirtual()
        .start(() -> {
          try {
            loop.run();
          } catch (IOException e) {
            // The socket was closed: the relay is over, or the address changed.
          }
        });
  }

  private void forward() throws IOException {
    while (true) {
      DatagramPacket packet = receive(front);
      client = packet.getSocketAddress();
      pass(packet.getData(), packet.getLength(), () -> back, server);
    }
  }

  private void backward(DatagramSocket from) throws IOException {
    while (true) {
      DatagramPacket packet = receive(from);
      if (client != null) {
        pass(packet.getData(), packet.getLength(), () -> front, client);
      }
    }
  }

  private static DatagramPacket receive(DatagramSocket socket) throws IOException {
    byte[] buf = new byte[2048];
    DatagramPacket packet = new DatagramPacket(buf, buf.length);
    socket.receive(packet);
    return packet;
  }

  private synchronized void pass(
      byte[] data, int length, java.util.function.Supplier<DatagramSocket> by, SocketAddress to) {
    if (random.nextDouble() < loss) {
      return;
    }
    DatagramPacket packet = new DatagramPacket(data, length, to);
    boolean late = random.nextDouble() < reorder;
    if (late || delayMillis > 0) {
      long millis = delayMillis + (late ? random.nextInt(5) : 0);
      try {
        later.schedule(() -> send(by.get(), packet), millis, TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException e) {
        // Closed meanwhile.
      }
    } else {
      send(by.get(), packet);
    }
  }

  private static void send(DatagramSocket socket, DatagramPacket packet) {
    try {
      socket.send(packet);
    } catch (IOException e) {
      // As lost as any other datagram.
    }
  }

  @Override
  public void close() {
    front.close();
    back.close();
    later.shutdownNow();
  }
}
