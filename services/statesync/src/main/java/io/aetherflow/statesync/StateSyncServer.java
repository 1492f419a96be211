package io.aetherflow.statesync;

import io.aetherflow.runtime.AetherRuntime;
import io.aetherflow.statesync.archive.EtcdSnapshotStore;
import io.aetherflow.statesync.archive.VersionStore;
import io.aetherflow.statesync.commit.GroupCommitter;
import io.aetherflow.statesync.document.Admission;
import io.aetherflow.statesync.document.DocumentStore;
import io.aetherflow.statesync.document.FoldedMemory;
import io.aetherflow.statesync.document.ShardContext;
import io.aetherflow.statesync.document.Totals;
import io.aetherflow.statesync.grpc.DocumentGrpc;
import io.aetherflow.statesync.grpc.Forwarded;
import io.aetherflow.statesync.grpc.LockGrpc;
import io.aetherflow.statesync.grpc.RoutingGrpc;
import io.aetherflow.statesync.grpc.SyncGrpc;
import io.aetherflow.statesync.log.EtcdCompactionLock;
import io.aetherflow.statesync.log.EtcdOpLog;
import io.aetherflow.statesync.log.OpLog;
import io.aetherflow.statesync.loop.Loop;
import io.aetherflow.statesync.shard.Compactor;
import io.aetherflow.statesync.shard.Membership;
import io.aetherflow.statesync.shard.ShardHost;
import io.etcd.jetcd.Client;
import io.grpc.Channel;
import io.grpc.Server;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;

/** One statesync instance on a runtime: serves, owns its part of the shards, leaves in order. */
public final class StateSyncServer {
  private static final long DRAIN_SECONDS = 5;
  private static final long STOP_SECONDS = 2;

  private final Loop loop = new Loop("documents");
  private final ShardHost host;
  private final Membership membership;
  private final SyncGrpc sync;
  private final Server server;

  /**
   * Starts serving, and taking shards over.
   *
   * @throws IOException when the port is taken
   */
  public StateSyncServer(AetherRuntime runtime, int port) throws IOException {
    this(runtime, port, Clock.systemUTC());
  }

  /**
   * As above.
   *
   * @param clock dates operations, and says how old history is
   */
  public StateSyncServer(AetherRuntime runtime, int port, Clock clock) throws IOException {
    SecureRandom random = new SecureRandom();
    Client etcd = runtime.etcd().client();
    String address = runtime.pod().ip() + ":" + port;
    String self = runtime.pod().name();
    String logId = HexFormat.of().toHexDigits(random.nextLong());
    OpLog log = new EtcdOpLog(etcd, logId);
    DocumentStore store = new DocumentStore(etcd);
    Admission admission = Admission.ofHeap(Runtime.getRuntime().maxMemory());
    FoldedMemory folded = FoldedMemory.ofHeap(Runtime.getRuntime().maxMemory());
    Totals totals = new Totals();
    ShardContext context =
        new ShardContext(
            log,
            new EtcdSnapshotStore(etcd),
            new VersionStore(etcd),
            store,
            new GroupCommitter(log, loop, random, runtime.tracing()),
            admission,
            folded,
            totals,
            loop,
            clock,
            random);
    host = new ShardHost(self, address, context, this::missed);
    membership =
        new Membership(
            etcd, self, address, runtime.scheduler(), loop, System::nanoTime, random, host::onView);
    sync = new SyncGrpc(host, loop, membership::proven, runtime.tracing());
    server =
        runtime
            .transports()
            .server(port)
            .intercept(new Forwarded())
            .callExecutor(SyncGrpc.executor())
            .addService(sync)
            .addService(
                new DocumentGrpc(
                    host, loop, store, membership::proven, peer -> channel(runtime, peer)))
            .addService(new LockGrpc(host, loop, membership::proven))
            .addService(new RoutingGrpc(host, loop, context))
            .build()
            .start();
    membership.join();
    new Compactor(
            host,
            context,
            new EtcdCompactionLock(etcd, logId, membership::leaseId),
            System::nanoTime,
            random)
        .start();
    new StateSyncMetrics(runtime.meters()).observe(host, context);
  }

  private void missed(String member) {
    membership.suspect(member);
  }

  private static Channel channel(AetherRuntime runtime, String address) {
    int colon = address.lastIndexOf(':');
    return runtime
        .transports()
        .channelTo(
            InetSocketAddress.createUnresolved(
                address.substring(0, colon), Integer.parseInt(address.substring(colon + 1))));
  }

  /** Where it listens. */
  public int port() {
    return server.getPort();
  }

  /** Hands all shards over while the streams still stand. Blocks until done, or too long. */
  public void leave() {
    membership.leave();
    host.drain().completeOnTimeout(null, DRAIN_SECONDS, TimeUnit.SECONDS).join();
    membership.close();
  }

  /** Ends streams and calls. Blocks until done, or too long. */
  public void stop() {
    sync.closeStreams();
    server.shutdown();
    try {
      if (!server.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
        server.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      server.shutdownNow();
    }
    loop.shutdown();
  }
}
