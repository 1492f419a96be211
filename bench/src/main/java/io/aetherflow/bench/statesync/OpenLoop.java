package io.aetherflow.bench.statesync;

import com.google.protobuf.ByteString;
import io.aetherflow.api.statesync.v1.ApplyOperationsRequest;
import io.aetherflow.api.statesync.v1.ApplyResult;
import io.aetherflow.api.statesync.v1.OperationDraft;
import io.aetherflow.api.statesync.v1.SyncRequest;
import io.aetherflow.api.statesync.v1.SyncResponse;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/**
 * Sends operations when they are due, whatever became of those before, and times each from when it
 * was due. One thread sends; one stream answers.
 */
final class OpenLoop implements ClientResponseObserver<SyncRequest, SyncResponse> {
  static final int DATA_BYTES = 200;

  /**
   * Operations leave this much late at most, together, as from a gateway's event loop: a thread
   * that wakes for each would take the processor from what is measured. The lateness counts.
   */
  private static final long TICK_NS = TimeUnit.MILLISECONDS.toNanos(1);

  /** As a gateway's. */
  private static final int RESPONSES_IN_FLIGHT = 64;

  private static final long REFUSED = -1;

  private final String client;
  private final int documents;
  private final long[] dueNs;
  private final long[] latencyNs;
  private final long[] places;
  private final AtomicInteger answered = new AtomicInteger();
  private final AtomicInteger refused = new AtomicInteger();
  private ClientCallStreamObserver<SyncRequest> call;
  private int taken;
  private volatile Throwable broken;
  private long tookNs;

  OpenLoop(String client, int documents, int operations) {
    this.client = client;
    this.documents = documents;
    dueNs = new long[operations];
    latencyNs = new long[operations];
    places = new long[operations];
  }

  /** Blocks until everything is answered, or nothing more is heard for the patience. */
  void run(StreamObserver<SyncRequest> out, int perSecond, long patienceNs)
      throws InterruptedException {
    long startNs = System.nanoTime();
    for (int i = 0; i < dueNs.length; i++) {
      dueNs[i] = startNs + i * TimeUnit.SECONDS.toNanos(1) / perSecond;
      for (long left = dueNs[i] - System.nanoTime();
          left > 0;
          left = dueNs[i] - System.nanoTime()) {
        LockSupport.parkNanos(Math.max(left, TICK_NS));
      }
      out.onNext(request(i));
    }
    long deadlineNs = System.nanoTime() + patienceNs;
    while (answered.get() + refused.get() < dueNs.length
        && broken == null
        && System.nanoTime() < deadlineNs) {
      TimeUnit.MILLISECONDS.sleep(2);
    }
    tookNs = System.nanoTime() - startNs;
  }

  private SyncRequest request(int i) {
    return SyncRequest.newBuilder()
        .setApply(
            ApplyOperationsRequest.newBuilder()
                .setDocument(document(i % documents))
                .setClientId(client)
                .addOperations(
                    OperationDraft.newBuilder().setClientSeq(i + 1L).setData(data(client, i))))
        .build();
  }

  static String document(int number) {
    return "bench-" + number;
  }

  /** Tells the operation, so that a wrong one is noticed when the log is read. */
  static ByteString data(String client, long i) {
    byte[] data = new byte[DATA_BYTES];
    ByteBuffer.wrap(data).putLong(i).putInt(client.hashCode());
    return ByteString.copyFrom(data);
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<SyncRequest> requests) {
    call = requests;
    requests.disableAutoRequestWithInitial(RESPONSES_IN_FLIGHT);
  }

  @Override
  public void onNext(SyncResponse response) {
    long nowNs = System.nanoTime();
    if (++taken == RESPONSES_IN_FLIGHT / 2) {
      call.request(taken);
      taken = 0;
    }
    for (ApplyResult.Outcome outcome : response.getResult().getOutcomesList()) {
      int i = (int) outcome.getClientSeq() - 1;
      if (outcome.getSeq() == 0) {
        latencyNs[i] = REFUSED;
        refused.incrementAndGet();
        continue;
      }
      latencyNs[i] = nowNs - dueNs[i];
      places[i] = outcome.getSeq();
      answered.incrementAndGet();
    }
  }

  @Override
  public void onError(Throwable failure) {
    broken = failure;
  }

  @Override
  public void onCompleted() {}

  Throwable broken() {
    return broken;
  }

  int answered() {
    return answered.get();
  }

  int refused() {
    return refused.get();
  }

  int sent() {
    return dueNs.length;
  }

  double perSecond() {
    return answered.get() * 1e9 / tookNs;
  }

  /** Place in its document of each operation, 0 where it was not acknowledged. */
  long place(int i) {
    return places[i];
  }

  /** How many from one on were refused. */
  int refused(int from) {
    return (int)
        Arrays.stream(latencyNs, from, dueNs.length).filter(each -> each == REFUSED).count();
  }

  /** In order, of what was acknowledged from one to before another. */
  long[] sortedLatenciesNs(int from, int to) {
    return Arrays.stream(latencyNs, from, to).filter(each -> each > 0).sorted().toArray();
  }

  /**
   * When it was well again: the end of the first second in which everything that was due was
   * acknowledged, 99 % of it in time. Seconds from the beginning, or those of the whole run and one
   * more.
   */
  int secondsUntilWell(int perSecond, long inTimeNs) {
    int seconds = dueNs.length / perSecond;
    for (int second = 1; second <= seconds; second++) {
      if (isWell(second, perSecond, inTimeNs)) {
        return second;
      }
    }
    return seconds + 1;
  }

  /** How many seconds were not well. */
  int secondsNotWell(int perSecond, long inTimeNs) {
    return (int)
        IntStream.rangeClosed(1, dueNs.length / perSecond)
            .filter(second -> !isWell(second, perSecond, inTimeNs))
            .count();
  }

  private boolean isWell(int second, int perSecond, long inTimeNs) {
    long[] sorted = sortedLatenciesNs((second - 1) * perSecond, second * perSecond);
    return sorted.length == perSecond && sorted[perSecond * 99 / 100] < inTimeNs;
  }
}
