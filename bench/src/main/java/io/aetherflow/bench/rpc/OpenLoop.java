package io.aetherflow.bench.rpc;

import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/**
 * Starts calls when they are due, whatever has become of the earlier ones, and measures each from
 * the time it was due: a client that is late makes its calls late, too, instead of hiding it.
 */
final class OpenLoop {
  /** Waking up takes about this long, so closer arrivals are spun for. */
  private static final long SPIN_NS = 80_000;

  private final EchoClient client;
  private final PoissonArrivals arrivals;
  private final byte[] request;
  private final CallErrors errors;

  OpenLoop(EchoClient client, PoissonArrivals arrivals, byte[] request, CallErrors errors) {
    this.client = client;
    this.arrivals = arrivals;
    this.request = request;
    this.errors = errors;
  }

  /**
   * Runs {@code warmupNs} without measuring and then {@code calls} calls; returns when all of them
   * are over, at most the deadline of a call later.
   *
   * @param measuring told between warm-up and measurement
   */
  CallLatencies run(long warmupNs, long calls, Runnable measuring) throws InterruptedException {
    long originNs = System.nanoTime();
    long atNs = arrivals.nextNs();
    CallLatencies ignored = new CallLatencies();
    Phaser open = new Phaser(1);
    while (atNs < warmupNs) {
      call(originNs + atNs, ignored, open);
      atNs = arrivals.nextNs();
    }
    measuring.run();
    CallLatencies latencies = new CallLatencies();
    for (long i = 0; i < calls; i++) {
      call(originNs + atNs, latencies, open);
      atNs = arrivals.nextNs();
    }
    awaitAll(open);
    while (latencies.count() < calls) {
      latencies.failed();
    }
    return latencies;
  }

  private void call(long dueNs, CallLatencies latencies, Phaser open) {
    awaitNs(dueNs);
    open.register();
    client.call(
        request,
        failure -> {
          if (failure == null) {
            latencies.succeeded(System.nanoTime() - dueNs);
          } else {
            latencies.failed();
            errors.add(failure);
          }
          open.arriveAndDeregister();
        });
  }

  private static void awaitNs(long dueNs) {
    long leftNs = dueNs - System.nanoTime();
    while (leftNs > 0) {
      if (leftNs > SPIN_NS) {
        LockSupport.parkNanos(leftNs - SPIN_NS);
      } else {
        Thread.onSpinWait();
      }
      leftNs = dueNs - System.nanoTime();
    }
  }

  private void awaitAll(Phaser open) throws InterruptedException {
    try {
      open.awaitAdvanceInterruptibly(
          open.arrive(), EchoClient.DEADLINE_SECONDS + 1, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      errors.add("no answer at the end");
    }
  }
}
