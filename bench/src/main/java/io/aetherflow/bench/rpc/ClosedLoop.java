package io.aetherflow.bench.rpc;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Keeps a number of calls outstanding: each answer starts the next. */
final class ClosedLoop {
  private final EchoClient client;
  private final byte[] request;
  private final int outstanding;
  private final CallErrors errors;
  private volatile CallLatencies latencies = new CallLatencies();
  private volatile boolean stopped;

  ClosedLoop(EchoClient client, byte[] request, int outstanding, CallErrors errors) {
    this.client = client;
    this.request = request;
    this.outstanding = outstanding;
    this.errors = errors;
  }

  /**
   * @param calls what was measured
   * @param nanos how long that took
   */
  record Result(CallLatencies calls, long nanos) {}

  Result run(long warmupNs, long measureNs, Runnable measuring) throws InterruptedException {
    CountDownLatch ended = new CountDownLatch(outstanding);
    for (int i = 0; i < outstanding; i++) {
      next(ended);
    }
    TimeUnit.NANOSECONDS.sleep(warmupNs);
    measuring.run();
    CallLatencies measured = new CallLatencies();
    long startNs = System.nanoTime();
    latencies = measured;
    TimeUnit.NANOSECONDS.sleep(measureNs);
    latencies = new CallLatencies();
    long tookNs = System.nanoTime() - startNs;
    stopped = true;
    if (!ended.await(EchoClient.DEADLINE_SECONDS + 1, TimeUnit.SECONDS)) {
      errors.add("no answer at the end");
      measured.failed();
    }
    return new Result(measured, tookNs);
  }

  private void next(CountDownLatch ended) {
    if (stopped) {
      ended.countDown();
      return;
    }
    long startNs = System.nanoTime();
    // A failure tells itself at its deadline, when the measurement may be over.
    CallLatencies begunIn = latencies;
    client.call(
        request,
        failure -> {
          if (failure == null) {
            latencies.succeeded(System.nanoTime() - startNs);
          } else {
            begunIn.failed();
            errors.add(failure);
          }
          next(ended);
        });
  }
}
