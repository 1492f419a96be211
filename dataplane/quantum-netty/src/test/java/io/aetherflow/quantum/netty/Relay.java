package io.aetherflow.quantum.netty;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.util.Random;

/**
 * Forwards between one client and a server on loopback; loses datagrams by seeded chance, and can
 * change the address that the server sees.
 */
final class Relay implements AutoCloseable {
  private static final long SEED = 1;

  private final InetSocketAddress server;
  private final double loss;
  private final Random random = new Random(SEED);
  private final DatagramSocket front = new DatagramSocket(0, InetAddress.getLoopbackAddress());
  private volatile DatagramSocket back;
  private volatile InetSocketAddress client;

  Relay(InetSocketAddress server, double loss) throws SocketException {
    this.server = server;
    this.loss = loss;
    changeAddress();
    start(front);
  }

  InetSocketAddress address() {
    return (InetSocketAddress) front.getLocalSocketAddress();
  }

  void changeAddress() throws SocketException {
    DatagramSocket old = back;
    back = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    start(back);
    if (old != null) {
      old.close();
    }
  }

  private void start(DatagramSocket from) {
    Thread.ofVirtual().start(() -> forward(from));
  }

  private void forward(DatagramSocket from) {
    DatagramPacket packet = new DatagramPacket(new byte[2048], 2048);
    while (!from.isClosed()) {
      try {
        packet.setLength(2048);
        from.receive(packet);
        boolean outward = from == front;
        if (outward) {
          client = (InetSocketAddress) packet.getSocketAddress();
        }
        packet.setSocketAddress(outward ? server : client);
        if (!isLost()) {
          (outward ? back : front).send(packet);
        }
      } catch (IOException e) {
        // Closed: an address that is no more. Whatever was under way is lost.
      }
    }
  }

  private synchronized boolean isLost() {
    return random.nextDouble() < loss;
  }

  @Override
  public void close() {
    front.close();
    back.close();
  }
}
