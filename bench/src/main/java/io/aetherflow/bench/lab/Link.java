package io.aetherflow.bench.lab;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.HdrHistogram.Histogram;

/**
 * Carries packets between two TUN devices as {@link LinkShape} says, on one thread that sleeps in
 * {@code ppoll} until a packet comes or is due and spins only for the last moments.
 */
final class Link implements AutoCloseable {
  /** Waking up takes about this long on an idle core, so closer deadlines are spun for. */
  private static final long SPIN_NS = 30_000;

  /** Bounds what one direction may take in before the other is looked at. */
  private static final int READ_BATCH_PACKETS = 64;

  /** How long a closing link may take to be noticed. */
  private static final long IDLE_NS = 50_000_000;

  private static final int REALTIME_PRIORITY = 10;
  private static final int NICE = -20;
  private static final int POLL_BYTES = 8;
  private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);

  private final Arena arena = Arena.ofShared();
  private final Tun left;
  private final Tun right;
  private final LinkDirection rightward;
  private final LinkDirection leftward;
  private final MemorySegment polls = arena.allocate(2 * POLL_BYTES, 8);
  private final MemorySegment timeout = arena.allocate(16, 8);
  private final CountDownLatch started = new CountDownLatch(1);
  private final Thread thread = new Thread(this::run, "link");
  private volatile boolean closed;
  private volatile String scheduling = "normal";

  Link(Tun left, Tun right, LinkShape shape, long seed) {
    this.left = left;
    this.right = right;
    RandomGenerator.SplittableGenerator random = new SplittableRandom(seed);
    rightward = new LinkDirection(shape, random.split(), arena);
    leftward = new LinkDirection(shape, random.split(), arena);
    polls.set(ValueLayout.JAVA_INT, 0, left.fd());
    polls.set(ValueLayout.JAVA_SHORT, 4, Native.POLLIN);
    polls.set(ValueLayout.JAVA_INT, POLL_BYTES, right.fd());
    polls.set(ValueLayout.JAVA_SHORT, POLL_BYTES + 4, Native.POLLIN);
  }

  void start() throws InterruptedException {
    thread.setDaemon(true);
    thread.start();
    started.await();
  }

  private void run() {
    Native.setTimerSlackNs(1);
    if (Native.setRealtime(REALTIME_PRIORITY)) {
      scheduling = "real-time";
    } else if (Native.setNice(NICE)) {
      scheduling = "nice " + NICE;
    }
    started.countDown();
    while (!closed) {
      boolean moved = take(left, rightward) | take(right, leftward);
      moved |= deliver(rightward, right) | deliver(leftward, left);
      if (!moved) {
        sleep();
      }
    }
  }

  private static boolean take(Tun from, LinkDirection direction) {
    int count = 0;
    while (count < READ_BATCH_PACKETS) {
      int length = from.read(direction.slot());
      if (length == 0) {
        break;
      }
      direction.offer(length, System.nanoTime());
      count++;
    }
    return count > 0;
  }

  private static boolean deliver(LinkDirection direction, Tun to) {
    boolean some = false;
    long nowNs = System.nanoTime();
    while (direction.nextDueNs() <= nowNs) {
      boolean taken = to.write(direction.head());
      nowNs = System.nanoTime();
      if (taken) {
        direction.delivered(nowNs);
      } else {
        direction.refused(nowNs);
      }
      some = true;
    }
    return some;
  }

  private void sleep() {
    long dueNs = Math.min(rightward.nextDueNs(), leftward.nextDueNs());
    long waitNs = dueNs == Long.MAX_VALUE ? IDLE_NS : dueNs - System.nanoTime() - SPIN_NS;
    if (waitNs <= 0) {
      Thread.onSpinWait();
      return;
    }
    waitNs = Math.min(waitNs, IDLE_NS);
    timeout.set(ValueLayout.JAVA_LONG, 0, waitNs / SECOND_NS);
    timeout.set(ValueLayout.JAVA_LONG, 8, waitNs % SECOND_NS);
    Native.ppoll(polls, 2, timeout);
  }

  /** {@code real-time}, {@code nice -20} or {@code normal}: what the machine allowed the thread. */
  String scheduling() {
    return scheduling;
  }

  LinkCounters rightward() {
    return rightward.counters();
  }

  LinkCounters leftward() {
    return leftward.counters();
  }

  /** How late packets left since the last call, both directions, in nanoseconds. */
  Histogram takeLateness() {
    Histogram both = rightward.takeLateness();
    both.add(leftward.takeLateness());
    return both;
  }

  @Override
  public void close() {
    closed = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    arena.close();
  }
}
