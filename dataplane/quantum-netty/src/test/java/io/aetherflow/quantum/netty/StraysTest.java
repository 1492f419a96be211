package io.aetherflow.quantum.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.quantum.PeerAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;

/** Datagrams between sockets of one port, with a queue for an event loop. */
class StraysTest {
  private static final PeerAddress FROM = PeerAddress.ofIpv4(1, 1111);

  private final Queue<Runnable> loop = new ArrayDeque<>();
  private final List<Integer> taken = new ArrayList<>();
  private int turns;
  private Strays strays = new Strays(loop::add, this::take, () -> turns++);

  private void take(PeerAddress from, byte[] datagram) {
    taken.add(datagram.length);
  }

  private void run() {
    for (Runnable task = loop.poll(); task != null; task = loop.poll()) {
      task.run();
    }
  }

  @Test
  void allThatWaitAreTakenInOneTurnAndInOrder() {
    strays.add(FROM, new byte[3]);
    strays.add(FROM, new byte[1]);
    strays.add(FROM, new byte[2]);
    assertThat(loop).hasSize(1);
    run();
    assertThat(taken).containsExactly(3, 1, 2);
    assertThat(turns).isEqualTo(1);
  }

  @Test
  void aFloodWaitsInBoundedNumberAndEndsNothing() {
    for (int i = 0; i < 2 * Strays.WAITING_MAX; i++) {
      strays.add(FROM, new byte[i]);
    }
    run();
    assertThat(taken).hasSize(Strays.WAITING_MAX).endsWith(Strays.WAITING_MAX - 1);
    strays.add(FROM, new byte[7]);
    run();
    assertThat(taken).hasSize(Strays.WAITING_MAX + 1).endsWith(7);
  }

  @Test
  void oneThatComesAtTheEndOfATurnIsTakenInTheNext() {
    strays =
        new Strays(
            loop::add,
            this::take,
            () -> {
              if (++turns == 1) {
                strays.add(FROM, new byte[9]);
              }
            });
    strays.add(FROM, new byte[1]);
    run();
    assertThat(taken).containsExactly(1, 9);
    assertThat(turns).isEqualTo(2);
  }
}
