package io.aetherflow.bench.statesync;

import io.aetherflow.api.statesync.v1.LocateDocumentRequest;
import io.aetherflow.api.statesync.v1.RoutingServiceGrpc;
import io.aetherflow.api.statesync.v1.SyncServiceGrpc;
import io.aetherflow.bench.BenchFailure;
import io.aetherflow.runtime.AetherRuntime;
import io.aetherflow.runtime.PodIdentity;
import io.aetherflow.runtime.RuntimeOptions;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Offers operations to one instance over Quantum. Used by one thread. */
final class Caller implements AutoCloseable {
  private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
  private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(20);

  private final int documents;
  private final AetherRuntime runtime;
  private final Channel channel;

  /**
   * @param config as a pod's: says where etcd is
   */
  Caller(Path config, InetSocketAddress instance, int documents) throws IOException {
    this.documents = documents;
    PodIdentity pod =
        new PodIdentity(
            "bench",
            "default",
            "",
            "127.0.0.1",
            "127.0.0.1",
            "",
            "bench",
            Clock.systemUTC().instant());
    runtime =
        AetherRuntime.start(
            new RuntimeOptions(
                pod,
                config,
                "quantum",
                0,
                0,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Duration.ofSeconds(30),
                Clock.systemUTC()));
    channel = runtime.transports().channelTo(instance);
  }

  Channel channel() {
    return channel;
  }

  /**
   * Blocks until the instance serves a document.
   *
   * @param lives whether it is worth waiting
   * @return false when it does not within a minute
   */
  boolean awaitServing(BooleanSupplier lives) throws InterruptedException {
    long deadlineNs = System.nanoTime() + START_TIMEOUT.toNanos();
    while (System.nanoTime() < deadlineNs && lives.getAsBoolean()) {
      try {
        if (RoutingServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(1, TimeUnit.SECONDS)
                .locateDocument(
                    LocateDocumentRequest.newBuilder().setDocument(OpenLoop.document(0)).build())
                .getEpoch()
            > 0) {
          return true;
        }
      } catch (StatusRuntimeException e) {
        // It is starting.
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
    return false;
  }

  /** Returns when everything offered is answered, or nothing more is heard. */
  OpenLoop offer(String client, int perSecond, int seconds) throws InterruptedException {
    OpenLoop load = new OpenLoop(client, documents, perSecond * seconds);
    var out = SyncServiceGrpc.newStub(channel).sync(load);
    load.run(out, perSecond, PATIENCE_NS);
    if (load.broken() != null) {
      throw new BenchFailure("The stream broke: " + load.broken(), load.broken());
    }
    out.onCompleted();
    return load;
  }

  @Override
  public void close() {
    runtime.close();
  }
}
