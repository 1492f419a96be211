package io.aetherflow.statesync.testing;

import com.google.protobuf.ByteString;
import io.aetherflow.api.statesync.v1.ApplyOperationsRequest;
import io.aetherflow.api.statesync.v1.OperationDraft;
import io.aetherflow.api.statesync.v1.SyncRequest;
import io.aetherflow.api.statesync.v1.SyncResponse;
import io.aetherflow.api.statesync.v1.SyncServiceGrpc;
import io.grpc.stub.StreamObserver;
import java.util.Arrays;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Run by hand: durable operations per second of one instance on one etcd, offered at a fixed rate
 * over one Sync stream, latency from the intended send time.
 */
public final class Throughput {
  private static final int DOCUMENTS = 100;
  private static final int DATA_BYTES = 200;

  private final ConcurrentHashMap<Long, Long> intendedNs = new ConcurrentHashMap<>();
  private final long[] latenciesNs;
  private final AtomicInteger answered = new AtomicInteger();
  private final AtomicInteger refused = new AtomicInteger();

  private Throughput(int operations) {
    latenciesNs = new long[operations];
  }

  /** Arguments: operations per second, seconds. */
  public static void main(String[] args) throws InterruptedException {
    int rate = Integer.parseInt(args[0]);
    int seconds = Integer.parseInt(args[1]);
    try (Cluster cluster = new Cluster("s-0")) {
      new Throughput(rate * 5).run(cluster, "warm-up", rate, rate * 5);
      new Throughput(rate * seconds).run(cluster, "measured", rate, rate * seconds);
    }
    System.exit(0);
  }

  private void run(Cluster cluster, String client, int rate, int operations)
      throws InterruptedException {
    StreamObserver<SyncRequest> out =
        SyncServiceGrpc.newStub(cluster.channel(cluster.instance("s-0").address()))
            .sync(new Answers());
    ByteString data = ByteString.copyFrom(new byte[DATA_BYTES]);
    long startNs = System.nanoTime();
    for (int i = 0; i < operations; i++) {
      long dueNs = startNs + i * 1_000_000_000L / rate;
      LockSupport.parkNanos(dueNs - System.nanoTime());
      intendedNs.put((long) i + 1, dueNs);
      out.onNext(
          SyncRequest.newBuilder()
              .setApply(
                  ApplyOperationsRequest.newBuilder()
                      .setDocument("bench-" + i % DOCUMENTS)
                      .setClientId(client)
                      .addOperations(OperationDraft.newBuilder().setClientSeq(i + 1).setData(data)))
              .build());
    }
    long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (answered.get() + refused.get() < operations && System.nanoTime() < deadlineNs) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
    double tookSeconds = (System.nanoTime() - startNs) / 1e9;
    Arrays.sort(latenciesNs, 0, answered.get());
    System.out.printf(
        "%s: offered %d/s, %d durable in %.1f s = %.0f/s, %d refused, p50 %.1f ms, p99 %.1f ms%n",
        client,
        rate,
        answered.get(),
        tookSeconds,
        answered.get() / tookSeconds,
        refused.get(),
        latenciesNs[answered.get() / 2] / 1e6,
        latenciesNs[answered.get() * 99 / 100] / 1e6);
  }

  private final class Answers implements StreamObserver<SyncResponse> {
    @Override
    public void onNext(SyncResponse response) {
      var outcome = response.getResult().getOutcomes(0);
      if (outcome.getSeq() == 0) {
        refused.incrementAndGet();
      } else {
        long intended = intendedNs.remove(outcome.getClientSeq());
        latenciesNs[answered.getAndIncrement()] = System.nanoTime() - intended;
      }
    }

    @Override
    public void onError(Throwable failure) {
      System.err.println("the stream broke: " + failure);
    }

    @Override
    public void onCompleted() {}
  }
}
