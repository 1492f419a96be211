package io.aetherflow.quantum.netty;

import io.aetherflow.quantum.PeerAddress;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Datagrams that reached another socket than their connection's, on their way to its event loop.
 * Any thread adds them; the loop takes all that wait in one turn, so that the connections answer
 * once.
 */
final class Strays {
  /** Datagrams that may wait, against a client that floods the loop from a changed address. */
  static final int WAITING_MAX = 1024;

  /** Takes a datagram, on the event loop. */
  interface Taker {
    void take(PeerAddress from, byte[] datagram);
  }

  private record Stray(PeerAddress from, byte[] datagram) {}

  private final Queue<Stray> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicInteger count = new AtomicInteger();
  private final Executor loop;
  private final Taker taker;
  private final Runnable afterAll;

  /**
   * @param afterAll runs on the loop after each turn's datagrams
   */
  Strays(Executor loop, Taker taker, Runnable afterAll) {
    this.loop = loop;
    this.taker = taker;
    this.afterAll = afterAll;
  }

  /** From any thread. What is too much is dropped, and comes again by retransmission. */
  void add(PeerAddress from, byte[] datagram) {
    int now = count.incrementAndGet();
    if (now > WAITING_MAX) {
      count.decrementAndGet();
      return;
    }
    waiting.add(new Stray(from, datagram));
    if (now == 1) {
      loop.execute(this::takeAll);
    }
  }

  private void takeAll() {
    int done = 0;
    for (Stray each = waiting.poll(); each != null; each = waiting.poll()) {
      done++;
      taker.take(each.from(), each.datagram());
    }
    afterAll.run();
    if (count.addAndGet(-done) > 0) {
      // Counted but queued after the last look; its sender relies on this turn.
      loop.execute(this::takeAll);
    }
  }
}
