package io.aetherflow.statesync.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import io.aetherflow.api.statesync.v1.ApplyOperationsRequest;
import io.aetherflow.api.statesync.v1.ApplyOperationsResponse;
import io.aetherflow.api.statesync.v1.ConflictPolicy;
import io.aetherflow.api.statesync.v1.CreateDocumentRequest;
import io.aetherflow.api.statesync.v1.DocumentContent;
import io.aetherflow.api.statesync.v1.DocumentServiceGrpc;
import io.aetherflow.api.statesync.v1.DocumentServiceGrpc.DocumentServiceBlockingStub;
import io.aetherflow.api.statesync.v1.GetStateRequest;
import io.aetherflow.api.statesync.v1.ListOperationsRequest;
import io.aetherflow.api.statesync.v1.ListOperationsResponse;
import io.aetherflow.api.statesync.v1.LockServiceGrpc;
import io.aetherflow.api.statesync.v1.LockServiceGrpc.LockServiceBlockingStub;
import io.aetherflow.api.statesync.v1.OperationDraft;
import io.aetherflow.api.statesync.v1.RoutingServiceGrpc;
import io.aetherflow.api.statesync.v1.RoutingServiceGrpc.RoutingServiceBlockingStub;
import io.aetherflow.api.statesync.v1.SyncServiceGrpc;
import io.aetherflow.api.statesync.v1.SyncServiceGrpc.SyncServiceBlockingStub;
import io.aetherflow.runtime.AetherRuntime;
import io.aetherflow.runtime.testing.EtcdServer;
import io.aetherflow.runtime.testing.TestRuntimes;
import io.aetherflow.statesync.StateSyncServer;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.List;
import java.util.function.Consumer;

/** One statesync instance in this process over a real etcd, and stubs to call it. */
public final class Server implements AutoCloseable {
  private final EtcdServer etcd;
  private final Clock clock;
  private final AetherRuntime runtime;
  private final StateSyncServer server;
  private final Channel channel;

  public Server() {
    this(Clock.systemUTC());
  }

  public Server(Clock clock) {
    this(EtcdServer.running(), "s-0", clock);
  }

  private Server(EtcdServer etcd, String name, Clock clock) {
    this.etcd = etcd;
    this.clock = clock;
    this.runtime = TestRuntimes.start(etcd, "statesync-service", name);
    try {
      server = new StateSyncServer(runtime, 0, clock);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    channel =
        runtime
            .transports()
            .channelTo(InetSocketAddress.createUnresolved("127.0.0.1", server.port()));
    await()
        .ignoreExceptions()
        .until(() -> {
          create("ready-" + name + "-" + System.nanoTime(), ConflictPolicy.CONFLICT_POLICY_REJECT);
          return true;
        });
  }

  /** Ends this instance in order; another takes over what is stored. */
  public Server successor(String name) {
    leave();
    return new Server(etcd, name, clock);
  }

  private void leave() {
    server.leave();
    server.stop();
    runtime.close();
  }

  @Override
  public void close() {
    leave();
    etcd.close();
  }

  public EtcdServer etcd() {
    return etcd;
  }

  public AetherRuntime runtime() {
    return runtime;
  }

  public DocumentServiceBlockingStub documents() {
    return DocumentServiceGrpc.newBlockingStub(channel);
  }

  public SyncServiceBlockingStub sync() {
    return SyncServiceGrpc.newBlockingStub(channel);
  }

  public SyncServiceGrpc.SyncServiceStub streams() {
    return SyncServiceGrpc.newStub(channel);
  }

  public LockServiceBlockingStub locks() {
    return LockServiceGrpc.newBlockingStub(channel);
  }

  public RoutingServiceBlockingStub routing() {
    return RoutingServiceGrpc.newBlockingStub(channel);
  }

  public void create(String id, ConflictPolicy policy) {
    documents()
        .createDocument(
            CreateDocumentRequest.newBuilder()
                .setId(id)
                .setPolicy(policy)
                .setUser("alice")
                .build());
  }

  public ApplyOperationsResponse apply(String document, String client, OperationDraft... drafts) {
    return sync()
        .applyOperations(
            ApplyOperationsRequest.newBuilder()
                .setDocument(document)
                .setClientId(client)
                .setUser("alice")
                .addAllOperations(List.of(drafts))
                .build());
  }

  public ListOperationsResponse list(String document, long from) {
    return sync()
        .listOperations(
            ListOperationsRequest.newBuilder().setDocument(document).setFromSeq(from).build());
  }

  public DocumentContent state(String document) {
    return sync().getState(GetStateRequest.newBuilder().setDocument(document).build());
  }

  public static OperationDraft.Builder draft(long clientSeq, String text) {
    return OperationDraft.newBuilder()
        .setClientSeq(clientSeq)
        .setData(ByteString.copyFromUtf8(text));
  }

  /** That a call was refused for a reason. */
  public static Consumer<Throwable> reason(String expected) {
    return failure -> assertThat(info(failure).getReason()).isEqualTo(expected);
  }

  public static ErrorInfo info(Throwable failure) {
    assertThat(failure).isInstanceOf(StatusRuntimeException.class);
    try {
      return StatusProto.fromThrowable(failure).getDetails(0).unpack(ErrorInfo.class);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }
}
