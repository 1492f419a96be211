package io.aetherflow.gateway.testing;

import static org.awaitility.Awaitility.await;

import io.aetherflow.api.statesync.v1.LocateDocumentRequest;
import io.aetherflow.api.statesync.v1.LocateDocumentResponse;
import io.aetherflow.api.statesync.v1.RoutingServiceGrpc;
import io.aetherflow.gateway.Backends;
import io.aetherflow.runtime.AetherRuntime;
import io.aetherflow.runtime.testing.EtcdServer;
import io.aetherflow.runtime.testing.TestRuntimes;
import io.aetherflow.statesync.StateSyncServer;
import io.grpc.Channel;
import java.io.IOException;
import java.net.InetSocketAddress;

/** One statesync instance in this process over a real etcd; only the sessions are a stand-in. */
public final class RealStateSync implements Backends, AutoCloseable {
  private final EtcdServer etcd = EtcdServer.running();
  private final AetherRuntime runtime = TestRuntimes.start(etcd, "statesync-service", "s-0");
  private final StateSyncServer server;
  private final FakeCluster sessions;
  private final Channel channel;

  public RealStateSync() throws IOException {
    sessions = new FakeCluster();
    server = new StateSyncServer(runtime, 0);
    channel =
        runtime
            .transports()
            .channelTo(InetSocketAddress.createUnresolved("127.0.0.1", server.port()));
    await().ignoreExceptions().until(() -> locate().getEpoch() > 0);
  }

  private LocateDocumentResponse locate() {
    return RoutingServiceGrpc.newBlockingStub(channel)
        .locateDocument(LocateDocumentRequest.newBuilder().setDocument("any").build());
  }

  @Override
  public Channel sessionService() {
    return sessions.sessionService();
  }

  @Override
  public Channel stateSync() {
    return channel;
  }

  /** There is but one, on a port that the system chose after it had told its address. */
  @Override
  public Channel stateSyncAt(String address) {
    return channel;
  }

  @Override
  public void close() {
    server.leave();
    server.stop();
    runtime.close();
    etcd.close();
    sessions.close();
  }
}
