package io.aetherflow.quantum.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.Epoll;
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
    try (Relay rebinder = new Relay(pair.address(), 0)) {
      BlockingQueue<String> answers = EchoPair.queue();
      Channel client = pair.connect(rebinder.address(), answers);
      for (int i = 0; i < 8; i++) {
        EchoPair.assertEcho(client, answers, "from address " + i);
        rebinder.changeAddress();
      }
      assertThat(pair.accepted).as("streams, so connections").hasSize(1);
    }
  }
}
