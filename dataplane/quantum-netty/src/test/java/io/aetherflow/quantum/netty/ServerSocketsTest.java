package io.aetherflow.quantum.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.Epoll;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One port, four sockets: the kernel spreads clients, and connections survive address changes. */
@Timeout(60)
class ServerSocketsTest {
  private static final int LOOPS = 4;
  private static final int CLIENTS = 40;

  private EchoPair pair;

  @BeforeEach
  void open() throws Exception {
    assumeTrue(Epoll.isAvailable());
    pair = new EchoPair(new QuantumEventLoopGroup(LOOPS, "test"));
  }

  @AfterEach
  void close() {
    if (pair != null) {
      pair.close();
    }
  }

  @Test
  void clientsAreSpreadOverTheEventLoops() throws Exception {
    for (int i = 0; i < CLIENTS; i++) {
      BlockingQueue<String> answers = EchoPair.queue();
      Channel client = pair.connect(pair.address(), answers);
      EchoPair.assertEcho(client, answers, "hello " + i);
    }
    Set<EventLoop> used = new HashSet<>();
    pair.accepted.forEach(stream -> used.add(stream.eventLoop()));
    assertThat(pair.accepted).hasSize(CLIENTS);
    assertThat(used).as("loops with a connection, of " + LOOPS).hasSizeGreaterThan(1);
  }

  @Test
  void aPortInUseIsRefused() {
    assertThatThrownBy(() -> pair.bind(pair.address())).hasMessageContaining("cannot bind");
  }

  /** Of eight new addresses some reach another socket, or the kernel spreads nothing. */
  @Test
  void aConnectionSurvivesAddressChangesToOtherSockets() throws Exception {
    try (Rebinder rebinder = new Rebinder(pair.address())) {
      BlockingQueue<String> answers = EchoPair.queue();
      Channel client = pair.connect(rebinder.address(), answers);
      for (int i = 0; i < 8; i++) {
        EchoPair.assertEcho(client, answers, "from address " + i);
        rebinder.changeAddress();
      }
      assertThat(pair.accepted).as("streams, so connections").hasSize(1);
    }
  }

  /** Forwards between one client and the server, who sees its address change. */
  private static final class Rebinder implements AutoCloseable {
    private final InetSocketAddress server;
    private final DatagramSocket front = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    private volatile DatagramSocket back;
    private volatile InetSocketAddress client;

    Rebinder(InetSocketAddress server) throws SocketException {
      this.server = server;
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
          (outward ? back : front).send(packet);
        } catch (java.io.IOException e) {
          // Closed: an address that is no more. Whatever was under way is lost.
        }
      }
    }

    @Override
    public void close() {
      front.close();
      back.close();
    }
  }
}
